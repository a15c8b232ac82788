import Logging
import SeaworthyMaintenance
import SeaworthyStorage
import ServiceLifecycle

/// Makes a backup when the schedule says so, verifies it by restoring it, and removes old ones. Of several nodes one does it.
///
/// One that is due when the server starts is made then: what came to pass while it was down is made up for.
struct BackupKeeper: Service {
    /// How often it looks at least: whether another node has done it, and for the age that is reported.
    static let interval: Duration = .seconds(3600)
    /// The pause behind the first failure; it doubles with each, up to ``interval``.
    static let pause: Duration = .seconds(60)

    let backups: Backups
    let schedule: BackupSchedule
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var failures = 0
            while !Task.isCancelled {
                do {
                    try await Traced.job("backup") { try await backups.keep(schedule) }
                    failures = 0
                } catch is CancellationError {
                    break
                } catch {
                    failures += 1
                    logger.error("backup failed", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: rest(after: failures, now: WallClock.microseconds()))
            }
        }
    }

    /// How long nothing is to be done.
    func rest(after failures: Int, now: Int64) -> Duration {
        if failures > 0 { return min(Self.pause * (1 << min(failures - 1, 10)), Self.interval) }
        guard let next = schedule.next(after: now) else { return Self.interval }
        return min(.microseconds(next - now), Self.interval)
    }
}
