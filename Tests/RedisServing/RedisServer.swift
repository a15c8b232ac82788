import Foundation
import PostgresServing
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A real Redis for a test; it goes with this process.
package final class RedisServer: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package let port: Int
    package let folder: String
    private let pid: Int32
    private let script: ServingScript

    /// - Parameters:
    ///   - lines: of its `redis.conf`; `{port}`, `{busport}` and `{folder}` are filled in.
    ///   - isSentinel: else it is a server.
    ///   - attempts: another may take the free port in the meantime.
    package static func start(_ lines: [String] = [], isSentinel: Bool = false, attempts: Int = 3) async throws -> RedisServer {
        do {
            return try await PostgresServer.onThread { try RedisServer(lines, isSentinel) }
        } catch {
            guard attempts > 1 else { throw error }
            return try await start(lines, isSentinel: isSentinel, attempts: attempts - 1)
        }
    }

    private init(_ lines: [String], _ isSentinel: Bool) throws {
        script = try ServingScript("test-redis", [isSentinel ? "sentinel" : "server"] + lines)
        guard script.words.count == 3, let port = Int(script.words[0]), let pid = Int32(script.words[1]) else {
            throw Failure(description: "scripts/test-redis said: \(script.words)")
        }
        self.port = port
        self.pid = pid
        folder = script.words[2]
    }

    /// `redis://…` of it.
    package var address: String { "redis://127.0.0.1:\(port)" }

    /// Ends it at once, without a word to anybody.
    package func stop() { script.stop() }

    /// It goes on existing, and does nothing.
    package func pause() { kill(pid, SIGSTOP) }

    package func resume() { kill(pid, SIGCONT) }

    /// Runs a command as the stock client does, and gives what it prints.
    @discardableResult
    package func shell(_ words: String...) async throws -> String {
        try await Self.shell(port, words)
    }

    package static func shell(_ port: Int, _ words: [String]) async throws -> String {
        try await PostgresServer.onThread {
            let (status, text, told) = try SpawnedProcess.run("redis-cli", ["-h", "127.0.0.1", "-p", String(port), "-e"] + words)
            guard status == 0 else { throw Failure(description: "redis-cli \(words): \(text)\(told)") }
            return text.trimmingCharacters(in: .newlines)
        }
    }
}
