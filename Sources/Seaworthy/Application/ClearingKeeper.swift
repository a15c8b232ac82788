import Logging
import ServiceLifecycle

/// Removes what is too old of something, at the start and once an hour.
struct ClearingKeeper: Service {
    static let interval: Duration = .seconds(3600)

    /// What is cleared, for the log.
    let what: String
    let logger: Logger
    /// Removes what is too old at a time, in microseconds since the epoch, and gives how much that was.
    let clear: @Sendable (Int64) async throws -> Int

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    let count = try await clear(WallClock.microseconds())
                    if count > 0 { logger.info("\(what) shortened", metadata: ["rows": "\(count)"]) }
                } catch is CancellationError {
                    return
                } catch {
                    logger.warning("\(what) not shortened", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }
}
