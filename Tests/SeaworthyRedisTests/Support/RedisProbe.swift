import Logging
import NIOCore
import RedisServing
import Synchronization
import Testing

@testable import SeaworthyRedis

/// Runs a client against a server for as long as the body takes.
func withClient<Result: Sendable>(
    _ settings: RedisSettings, log: LogLines = LogLines(), waits: Bool = true,
    _ body: @Sendable @escaping (RedisClient) async throws -> Result
) async throws -> Result {
    let client = try RedisClient(settings, logger: log.logger)
    return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask {
            await client.run()
            return nil
        }
        group.addTask {
            if waits { await client.started() }
            return try await body(client)
        }
        while let ended = try await group.next() {
            guard let result = ended else { continue }
            group.cancelAll()
            try await group.waitForAll()
            return result
        }
        throw RedisError(.closed, "the body did not end")
    }
}

/// Settings that make tests short, and patient with a machine that is busy.
func quick(_ address: String) throws -> RedisSettings {
    var settings = try RedisAddress.parse(address)
    settings.commandTimeout = .seconds(10)
    settings.connectTimeout = .seconds(10)
    settings.backoff = .milliseconds(5) ... .milliseconds(50)
    settings.probeInterval = .milliseconds(50)
    return settings
}

/// The same, for a Redis that does not answer.
func impatient(_ address: String) throws -> RedisSettings {
    var settings = try quick(address)
    settings.commandTimeout = .seconds(1)
    settings.connectTimeout = .seconds(1)
    return settings
}

/// Waits until something is so; a test that waits for ever is ended by its time limit.
func until(_ isSo: @Sendable () async throws -> Bool) async throws {
    while try await !isSo() { try await Task.sleep(for: .milliseconds(5)) }
}

extension RedisClient {
    func get(_ key: String) async throws(RedisError) -> String? { try await send(RedisCommand("GET", key: .text(key))).string }

    @discardableResult
    func set(_ key: String, _ value: String) async throws(RedisError) -> String? {
        try await send(RedisCommand("SET", key: .text(key), .text(value))).string
    }
}

/// What was logged.
final class LogLines: Sendable {
    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.state.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
        }
    }

    private let state = Mutex<[String]>([])

    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }
    var all: [String] { state.withLock(\.self) }
}
