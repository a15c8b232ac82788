import Foundation
import SeaworthyPostgres
import SeaworthySQL
import SeaworthyStorage
import Synchronization

/// A real PostgreSQL for the tests, started by the first that asks; it goes with this process.
final class PostgresServer: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let shared = Mutex<Result<PostgresServer, Failure>?>(nil)
    private static let lastDatabase = Atomic(0)

    let folder: String
    let port: Int
    /// Its end is the server's.
    private let input: Pipe
    private let process: Process

    static func running() throws -> PostgresServer {
        try shared.withLock { known in
            if let known { return try known.get() }
            let made: Result<PostgresServer, Failure>
            do {
                made = .success(try PostgresServer())
            } catch {
                made = .failure(Failure(description: "\(error)"))
            }
            known = made
            return try made.get()
        }
    }

    init(_ settings: [String] = []) throws {
        process = Process()
        input = Pipe()
        let output = Pipe()
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..").standardizedFileURL
        process.executableURL = root.appendingPathComponent("scripts/test-postgres")
        process.arguments = settings
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while !line.contains(0x0A) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure(description: "scripts/test-postgres did not start") }
            line += more
        }
        let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let port = Int(words[1]) else { throw Failure(description: "scripts/test-postgres said: \(words)") }
        folder = String(words[0])
        self.port = port
    }

    func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// The address of a database over the socket.
    func address(_ database: String) -> String {
        "postgres:///\(database)?host=\(folder)&port=\(port)&user=postgres"
    }

    /// The database of an address.
    func name(of address: String) -> String {
        String(address.split(separator: "/", omittingEmptySubsequences: false)[3].prefix { $0 != "?" })
    }

    /// Makes an empty database of its own and gives its address.
    func makeDatabase() async throws -> String {
        let name = "test\(Self.lastDatabase.add(1, ordering: .relaxed).newValue)"
        try await shell("postgres", "CREATE DATABASE \(name)")
        return address(name)
    }

    /// Runs statements as the stock client does, and gives what it prints.
    @discardableResult
    func shell(_ database: String, _ sql: String) async throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, address(database)]
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let told = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(description: "psql: \(told)") }
        return text.trimmingCharacters(in: .newlines)
    }
}

typealias PostgresChange = (inout PostgresSettings) -> Void

/// A database of its own for one test, and the driver on it.
func withPostgres<Result>(
    _ change: PostgresChange = { _ in }, _ body: (PostgresDatabase, PostgresServer, String) async throws -> Result
) async throws -> Result {
    let server = try PostgresServer.running()
    let address = try await server.makeDatabase()
    var settings = PostgresSettings(address)
    settings.pool.waitTimeout = 60_000_000_000
    change(&settings)
    let database = try await PostgresDatabase.open(settings)
    do {
        let result = try await body(database, server, address)
        await database.close()
        return result
    } catch {
        await database.close()
        throw error
    }
}
