package import SeaworthySchema
import Synchronization

/// Counts in the memory of one server, for a bounded number of subjects. When there are more, those are forgotten first that have the most
/// left.
package final class MemoryRateLimits: RateLimitStore {
    /// The most subjects that are known.
    package static let maximumCount = 131_072
    /// Locks that share them out, so that requests do not wait for each other.
    private static let shardCount = 16

    private final class Shard: Sendable {
        let full = Mutex<[RateLimitKey: Int64]>([:])
    }

    private let shards: [Shard]
    private let capacity: Int
    private let clock: @Sendable () -> Int64

    /// - Parameter clock: in nanoseconds; never goes back.
    package init(maximumCount: Int = maximumCount, clock: @escaping @Sendable () -> Int64 = MemoryRateLimits.uptime) {
        shards = (0..<Self.shardCount).map { _ in Shard() }
        capacity = max(8, maximumCount / Self.shardCount)
        self.clock = clock
    }

    /// Synchronous, since there is nothing to wait for.
    package func take(_ key: RateLimitKey, _ rate: RequestRate, count: Int = 1) -> RateLimitOutcome {
        shards[Int(UInt(bitPattern: key.hashValue) % UInt(Self.shardCount))].full.withLock { full in
            // Within the lock: of two requests the one that comes later must not have an earlier time.
            let now = clock()
            let known = full[key]
            let (after, outcome) = CellRate.take(known, rate, count: count, now: now)
            if known == nil, full.count >= capacity { Self.makeRoom(&full, now: now) }
            full[key] = after
            return outcome
        }
    }

    package var count: Int { shards.reduce(0) { sum, shard in sum + shard.full.withLock { $0.count } } }

    /// Takes out who has everything back, and where that is not enough an eighth of the others.
    private static func makeRoom(_ full: inout [RateLimitKey: Int64], now: Int64) {
        let before = full.count
        full = full.filter { $0.value > now }
        guard full.count > before - before / 8 else { return }
        for entry in full.sorted(by: { $0.value < $1.value }).prefix(full.count / 8) { full[entry.key] = nil }
    }

    private static let start = ContinuousClock.now

    package static let uptime: @Sendable () -> Int64 = {
        let (seconds, attoseconds) = start.duration(to: .now).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
