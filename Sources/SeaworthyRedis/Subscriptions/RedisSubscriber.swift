package import NIOCore
import SeaworthyStorage
import Synchronization

/// Hears what is published on some channels, on a connection of its own: it comes back after every interruption, and says so, since what was
/// published in between has been missed.
package final class RedisSubscriber: Sendable {
    package enum Event: Sendable, Equatable {
        /// From here on nothing is missed.
        case subscribed
        case message(channel: String, ByteBuffer)
        /// From here on messages may be missed, until ``subscribed``.
        case interrupted
    }

    /// How often the server is asked whether it is still there; after twice that without a word the connection is given up.
    static let heartbeat: Duration = .seconds(5)

    private struct State {
        var channels: Set<String> = []
        var connection: RedisConnection?
        var unconfirmed: Set<String> = []
        var isSubscribed = false
        var heardAt: UInt64 = 0
    }

    private let client: RedisClient
    private let backoff: ClosedRange<Duration>
    private let heartbeat: Duration
    private let tell: @Sendable (Event) -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - tell: called on an event loop, so it must not block.
    package init(
        _ client: RedisClient, channels: Set<String> = [], backoff: ClosedRange<Duration> = .milliseconds(100) ... .seconds(2),
        heartbeat: Duration = heartbeat, tell: @escaping @Sendable (Event) -> Void
    ) {
        self.client = client
        self.backoff = backoff
        self.heartbeat = heartbeat
        self.tell = tell
        state.withLock { $0.channels = channels }
    }

    /// Hears another channel from soon on: its ``Event/subscribed`` tells from when.
    package func subscribe(to channel: String) {
        let connection = state.withLock { state -> RedisConnection? in
            guard state.channels.insert(channel).inserted, let connection = state.connection else { return nil }
            state.unconfirmed.insert(channel)
            state.isSubscribed = false
            return connection
        }
        connection?.post([(RedisCommand(["SUBSCRIBE", .text(channel)]), .nobody)])
    }

    package func unsubscribe(from channel: String) {
        let connection = state.withLock { state in
            state.unconfirmed.remove(channel)
            return state.channels.remove(channel) == nil ? nil : state.connection
        }
        connection?.post([(RedisCommand(["UNSUBSCRIBE", .text(channel)]), .nobody)])
    }

    /// Hears, until the task is cancelled.
    package func run() async {
        var backoff = Backoff(backoff)
        while !Task.isCancelled {
            if let connection = try? await client.connect(.subscription { [weak self] in self?.received($0) }) {
                begin(connection)
                await listen(connection)
                if end() { backoff.reset() }
            }
            try? await Task.sleep(for: backoff.next())
        }
    }

    private func begin(_ connection: RedisConnection) {
        let channels = state.withLock { state in
            state.connection = connection
            state.unconfirmed = state.channels
            state.heardAt = Deadline.now.nanoseconds
            return state.channels.sorted()
        }
        guard !channels.isEmpty else { return }
        connection.post([(RedisCommand(["SUBSCRIBE"] + channels.map { .text($0) }), .nobody)])
    }

    /// - Returns: whether it had been subscribed.
    private func end() -> Bool {
        let was = state.withLock { state in
            let was = state.isSubscribed
            state.connection = nil
            state.isSubscribed = false
            return was
        }
        if was { tell(.interrupted) }
        return was
    }

    private func listen(_ connection: RedisConnection) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = await connection.closed() }
            group.addTask { [self] in
                while (try? await Task.sleep(for: heartbeat)) != nil {
                    let silence = Deadline.now.nanoseconds - state.withLock(\.heardAt)
                    guard silence < 2 * heartbeat.nanoseconds else { return }
                    connection.post([(RedisCommand(["PING"]), .nobody)])
                }
            }
            _ = await group.next()
            connection.close()
            group.cancelAll()
        }
    }

    private func received(_ value: RESPValue) {
        let event = state.withLock { state -> Event? in
            state.heardAt = Deadline.now.nanoseconds
            // Of a heartbeat the answer is a text, of RESP2 an array of `pong`.
            guard let elements = value.elements, elements.count == 3, let channel = elements[1].string else { return nil }
            switch elements[0].string {
            case "message":
                guard let payload = elements[2].bytes, state.channels.contains(channel) else { return nil }
                return .message(channel: channel, payload)
            case "subscribe":
                state.unconfirmed.remove(channel)
                guard state.unconfirmed.isEmpty, !state.isSubscribed else { return nil }
                state.isSubscribed = true
                return .subscribed
            default: return nil
            }
        }
        if let event { tell(event) }
    }
}
