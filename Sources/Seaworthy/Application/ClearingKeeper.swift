import Logging
import SeaworthyData
import SeaworthyStorage
import ServiceLifecycle

/// Removes what is too old of something, once an hour and when it begins to lead. Of several servers the one that leads does it.
struct ClearingKeeper: Service {
    static let interval: Duration = .seconds(3600)

    /// What is cleared, for the log.
    let what: String
    let metrics: JobMetrics
    let election: LeaderElection
    let logger: Logger
    /// Removes what is too old at a time, in microseconds since the epoch, and gives how much that was. It looks before each step whether its
    /// task is cancelled.
    let clear: @Sendable (Int64) async throws -> Int

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                var rest = Self.interval
                do {
                    let count = try await metrics.measuring {
                        try await election.whileLeading {
                            try await Traced.job("clearing of \(what)") { try await clear(WallClock.microseconds()) }
                        }
                    }
                    if let count, count > 0 { logger.info("\(what) shortened", metadata: ["rows": "\(count)"]) }
                    // Another leads, or has come to in between.
                    if count == nil { rest = LeaderElection.glance }
                } catch is CancellationError {
                    return
                } catch {
                    logger.warning("\(what) not shortened", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: rest)
            }
        }
    }
}
