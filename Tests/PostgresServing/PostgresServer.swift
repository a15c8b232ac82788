import Foundation
import Synchronization

/// A real PostgreSQL for the tests, started by the first that asks; it goes with this process.
package final class PostgresServer: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private static let shared = Task { try await start() }
    private static let lastDatabase = Atomic(0)

    package let folder: String
    package let port: Int
    private let script: ServingScript

    package static func running() async throws -> PostgresServer { try await shared.value }

    /// Starts another one, for tests that stop or break it.
    package static func start(_ settings: [String] = []) async throws -> PostgresServer {
        try await onThread { try PostgresServer(settings) }
    }

    /// Waiting for a process blocks a thread, of which Swift's own are few.
    package static func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
        }
    }

    private init(_ settings: [String]) throws {
        script = try ServingScript("test-postgres", settings)
        let words = script.words
        guard words.count == 2, let port = Int(words[1]) else { throw Failure(description: "scripts/test-postgres said: \(words)") }
        folder = words[0]
        self.port = port
    }

    package func stop() {
        script.stop()
    }

    /// The address of a database over the socket.
    package func address(_ database: String) -> String {
        "postgres:///\(database)?host=\(folder)&port=\(port)&user=postgres"
    }

    /// The database of an address.
    package func name(of address: String) -> String {
        String(address.split(separator: "/", omittingEmptySubsequences: false)[3].prefix { $0 != "?" })
    }

    /// Makes an empty database of its own and gives its address.
    package func makeDatabase() async throws -> String {
        let name = "test\(Self.lastDatabase.add(1, ordering: .relaxed).newValue)"
        try await shell("postgres", "CREATE DATABASE \(name)")
        return address(name)
    }

    /// Makes an empty schema of its own, in a database that it shares with others, and gives the address of a connection that works in it:
    /// a fraction of the time and of the disk that a database takes.
    package func makeSchema() async throws -> String {
        let name = "test\(Self.lastDatabase.add(1, ordering: .relaxed).newValue)"
        try await shell("postgres", "CREATE SCHEMA \(name)")
        return address("postgres") + "&options=-csearch_path%3D\(name)"
    }

    /// Ends the sessions of a database whose clients were killed: one does not see it before its statement ends.
    package func endSessions(of address: String) async throws {
        try await shell("postgres", "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '\(name(of: address))'")
    }

    /// Runs statements as the stock client does, and gives what it prints.
    @discardableResult
    package func shell(_ database: String, _ sql: String) async throws -> String {
        try await shell(at: address(database), sql)
    }

    /// The same at any address.
    @discardableResult
    package func shell(at address: String, _ sql: String) async throws -> String {
        try await Self.onThread { try Self.shell(address, sql) }
    }

    private static func shell(_ address: String, _ sql: String) throws -> String {
        let (status, text, told) = try SpawnedProcess.run("psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, address])
        guard status == 0 else { throw Failure(description: "psql: \(told)") }
        return text.trimmingCharacters(in: .newlines)
    }
}
