import Crypto
package import SeaworthySchema
package import SeaworthyStorage

/// Counts in Redis, for all nodes together, by the same algorithm as ``SeaworthyStorage/CellRate`` and by Redis' clock: one script, one round
/// trip.
///
/// Without Redis each node counts for itself what is its share: the rate divided by the number of nodes that were there last, and for signing
/// in the half of that, since guessing is what limits are there for. Each node keeps that count all the time, so that it does not begin at
/// nothing when Redis goes.
package struct RedisRateLimits: RateLimitStore {
    private let client: RedisClient
    private let prefix: String
    private let local: MemoryRateLimits
    private let nodes: @Sendable () -> Int
    /// Of those who asked last: hashing costs more than the rest of asking.
    private let names = BoundedCache<RateLimitKey, RedisCommand.Word>(maximumCost: 10_000)

    /// - Parameters:
    ///   - application: whose limits these are; several share a Redis.
    ///   - local: counts this node's share.
    ///   - nodes: how many count together.
    package init(
        _ client: RedisClient, application: String, local: MemoryRateLimits = MemoryRateLimits(), nodes: @escaping @Sendable () -> Int
    ) {
        self.client = client
        prefix = RedisKeys.prefix(application) + "limit:"
        self.local = local
        self.nodes = nodes
    }

    package func take(_ key: RateLimitKey, _ rate: RequestRate, count: Int) async -> RateLimitOutcome {
        let estimate = local.take(key, share(of: rate, for: key), count: count)
        do throws(RedisError) {
            let answer = try await client.run(
                Self.script, keys: [name(of: key)],
                [.integer(Int64(rate.windowSeconds) * 1_000_000), .integer(Int64(rate.count)), .integer(Int64(count))])
            return Self.outcome(answer) ?? estimate
        } catch {
            return estimate
        }
    }

    /// What this node lets through while it counts alone.
    private func share(of rate: RequestRate, for key: RateLimitKey) -> RequestRate {
        let parts = max(1, nodes()) * (key.policy == RateLimitKey.signInPolicy ? 2 : 1)
        return RequestRate(max(1, rate.count / parts), in: rate.window)
    }

    /// Hashed, since subjects are addresses and people, and those who look at Redis need not see them.
    private func name(of key: RateLimitKey) -> RedisCommand.Word {
        if let known = names[key] { return known }
        var hash = SHA256()
        hash.update(data: Array(key.policy.utf8) + [0] + Array(key.subject.utf8))
        let name = RedisCommand.Word.text(prefix + Base64URL.text(of: Array(hash.finalize().prefix(16))))
        names.set(key, name, cost: 1)
        return name
    }

    private static func outcome(_ answer: RESPValue) -> RateLimitOutcome? {
        let numbers = answer.elements?.compactMap(\.int) ?? []
        guard numbers.count == 3 else { return nil }
        return RateLimitOutcome(
            retryAfter: numbers[0] > 0 ? .microseconds(numbers[0]) : nil, remaining: Int(numbers[1]), resetAfter: .microseconds(numbers[2]))
    }

    /// Times are microseconds since the beginning of 2024, as numbers of 64 bits, of which so the last bit is a hundredth of one. What is kept is
    /// when everything is back; the key ends with it.
    ///
    /// Answers how long to wait, 0 for what is allowed; how many more are; and when all are again.
    private static let script = RedisScript(
        """
        local time = redis.call('TIME')
        local now = (time[1] - 1704067200) * 1000000 + time[2]
        local window, quota, count = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local interval = window / quota
        local full = tonumber(redis.call('GET', KEYS[1]) or '') or now
        if full < now then full = now end
        local after = full + interval * count
        local wait = after - window - now
        if wait > 0.05 then
            return {math.max(1, math.ceil(wait)), math.max(0, math.floor((window - (full - now)) / interval + 0.01)), math.ceil(full - now)}
        end
        redis.call('SET', KEYS[1], string.format('%.17g', after), 'PX', math.ceil((after - now) / 1000) + 1)
        return {0, math.max(0, math.floor((window - (after - now)) / interval + 0.01)), math.ceil(after - now)}
        """)
}
