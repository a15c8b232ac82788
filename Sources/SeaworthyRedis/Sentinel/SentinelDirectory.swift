import NIOSSL
import Synchronization

/// Asks sentinels who the primary is.
/// <https://redis.io/docs/latest/develop/reference/sentinel-clients/>
final class SentinelDirectory: Sendable {
    private let settings: RedisSettings
    private let sentinel: RedisSettings.Sentinel
    private let tls: NIOSSLContext?
    /// The one that answered last comes first.
    private let order: Mutex<[RedisEndpoint]>

    init(_ settings: RedisSettings, _ sentinel: RedisSettings.Sentinel, tls: NIOSSLContext?) {
        // Sentinels have users of their own, and no databases.
        var own = settings
        own.user = sentinel.user
        own.password = sentinel.password
        own.database = 0
        self.settings = own
        self.sentinel = sentinel
        self.tls = tls
        order = Mutex(settings.endpoints)
    }

    /// Where the primary is, as the first sentinel says that knows it.
    func primary() async throws(RedisError) -> RedisEndpoint {
        var failure = RedisError(.disconnected, "there is no sentinel to ask")
        for endpoint in order.withLock(\.self) {
            do throws(RedisError) {
                let primary = try await ask(endpoint)
                order.withLock { order in
                    order.removeAll { $0 == endpoint }
                    order.insert(endpoint, at: 0)
                }
                return primary
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private func ask(_ endpoint: RedisEndpoint) async throws(RedisError) -> RedisEndpoint {
        let connection = try await RedisConnection.connect(to: endpoint, settings, tls: tls)
        defer { connection.close() }
        guard connection.greeting.mode == .sentinel else { throw RedisError(.wrongServer, "\(endpoint) is no sentinel") }
        let answer = try await connection.send(RedisCommand(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", .text(sentinel.primary)]))
        guard let words = answer.elements, words.count == 2, let host = words[0].string, let port = words[1].int, (1...65535).contains(port)
        else { throw RedisError(.wrongServer, "the sentinel \(endpoint) knows no primary named \(sentinel.primary)") }
        return RedisEndpoint(host: host, port: Int(port))
    }
}
