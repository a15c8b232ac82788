import Logging
import SeaworthyData
import ServiceLifecycle

/// Removes changes that are older than their entity keeps them, at the start and once an hour.
struct HistoryKeeper: Service {
    static let interval: Duration = .seconds(3600)

    let retention: AuditRetention
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    let count = try await retention.run(now: WallClock.microseconds())
                    if count > 0 { logger.info("history shortened", metadata: ["changes": "\(count)"]) }
                } catch is CancellationError {
                    return
                } catch {
                    logger.warning("history not shortened", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }
}
