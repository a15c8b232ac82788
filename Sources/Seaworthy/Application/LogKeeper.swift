import SeaworthyMaintenance
import ServiceLifecycle

/// Stores what is committed to SQLite beside the backups, while the server runs, and at its end what is left. Of several servers of one file
/// one does it, and another takes over.
struct LogKeeper: Service {
    let shipper: LogShipper

    func run() async throws {
        await cancelWhenGracefulShutdown { await shipper.run() }
        await end()
    }

    /// Also where the server never ran.
    func end() async {
        await shipper.end()
    }
}
