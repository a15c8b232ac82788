import Logging
import Metrics
import SeaworthyData
import ServiceLifecycle

/// Agrees with the other servers on the one that does what is done for all, and hands over as soon as this one is to stop.
struct LeadershipKeeper: Service {
    let election: LeaderElection

    /// - Parameter isShared: whether servers share the database by a network.
    init(_ opened: OpenedDatabase, isShared: Bool, logger: Logger) {
        let leads = Gauge(label: "jobs_leading")
        leads.record(0)
        election = LeaderElection(
            "jobs", database: opened.database, dialect: opened.dialect, timing: isShared ? .standard : .sparing
        ) { event in
            switch event {
            case .changed(.began(let fence)):
                leads.record(1)
                logger.info("leads the scheduled jobs", metadata: ["fence": "\(fence)"])
            case .changed(.ended(let reason)):
                leads.record(0)
                logger.info("no longer leads the scheduled jobs", metadata: ["reason": "\(reason.rawValue)"])
            case .failed(let error): logger.warning("the leader of scheduled jobs cannot be agreed on", metadata: ["error": "\(error)"])
            }
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { await election.run() }
    }
}
