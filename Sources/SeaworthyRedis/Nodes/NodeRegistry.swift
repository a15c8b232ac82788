import SeaworthyStorage
import Synchronization

/// How many nodes of the application are there: each says every few seconds that it is.
package final class NodeRegistry: Sendable {
    /// How often a node says that it is there.
    package static let interval: Duration = .seconds(5)
    /// After so long without a word it is gone, in microseconds.
    private static let lifetime = 15_000_000

    private let client: RedisClient
    private let key: RedisCommand.Word
    private let node: String
    private let interval: Duration
    private let known = Atomic(1)

    /// - Parameters:
    ///   - application: whose nodes these are.
    ///   - node: a name that no other node has.
    package init(_ client: RedisClient, application: String, node: String, interval: Duration = interval) {
        self.client = client
        key = .text(RedisKeys.prefix(application) + "nodes")
        self.node = node
        self.interval = interval
    }

    /// How many there were when Redis last told, with this one.
    package var count: Int { known.load(ordering: .relaxed) }

    /// Says that it is there, until the task is cancelled; then that it is gone.
    package func run() async {
        await client.started()
        while !Task.isCancelled {
            await beat()
            try? await Task.sleep(for: interval)
        }
        // The task's end must not keep this from being sent.
        await Task { [client, key, node] in _ = try? await client.send(RedisCommand("ZREM", key: key, .text(node))) }.value
    }

    private func beat() async {
        guard let answer = try? await client.run(Self.script, keys: [key], [.text(node), .integer(Int64(Self.lifetime))]),
            let count = answer.int
        else { return }
        known.store(max(1, Int(count)), ordering: .relaxed)
    }

    private static let script = RedisScript(
        """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        redis.call('ZADD', KEYS[1], string.format('%.17g', now), ARGV[1])
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.17g', now - ARGV[2]))
        redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[2] / 1000))
        return redis.call('ZCARD', KEYS[1])
        """)
}
