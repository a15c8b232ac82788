import Foundation
import PostgresServing
import Testing

/// The example application in a folder of its own, with its data imported, and a server on it.
struct ExampleServer: Sendable {
    /// Entity and file, in the order in which references need them.
    static let tables = [
        ("Region", "regions"), ("Category", "categories"), ("Shipper", "shippers"), ("Supplier", "suppliers"), ("Customer", "customers"),
        ("Employee", "employees"), ("Territory", "territories"), ("Product", "products"), ("EmployeeTerritory", "employee_territories"),
        ("Order", "orders"), ("OrderDetail", "order_details"),
    ]

    let folder: TemporaryFolder
    let process: SeaworthyProcess
    let api: APIClient

    static let example = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../Examples/northwind")

    /// A folder with the schema and the imported data, not served yet.
    static func imported() async throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(
            at: example.appendingPathComponent("seaworthy.yaml"), to: folder.url.appendingPathComponent("seaworthy.yaml"))
        for (entity, file) in tables {
            let path = example.appendingPathComponent("data/\(file).csv").standardized.path
            let outcome = try await SeaworthyProcess.run(["import", entity, path], in: folder.url)
            try #require(outcome.status == 0, "import of \(entity) failed: \(outcome.errors)")
        }
        return folder
    }

    static func start(environment: [String: String] = [:]) async throws -> ExampleServer {
        let folder = try await imported()
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
        return ExampleServer(folder: folder, process: process, api: try await APIClient(address: address).documented())
    }

    /// Starts a server, lets the test use it and stops it, whatever happens.
    static func with(environment: [String: String] = [:], _ body: (ExampleServer) async throws -> Void) async throws {
        let server = try await start(environment: environment)
        do {
            try await body(server)
        } catch {
            await server.process.stop()
            throw error
        }
        let outcome = await server.process.stop()
        #expect(outcome.status == 0, "serve ended with \(outcome.status): \(outcome.errors)")
    }

    /// What the sqlite3 shell says of the database that is being served, a row an array.
    func shell(_ sql: String) async throws -> [[String]] {
        try await SQLiteShell.rows(sql, in: folder.url.appendingPathComponent("seaworthy.db"))
    }
}

/// SQLite's own command-line shell: a second opinion that shares no code with the server.
enum SQLiteShell {
    private static let null = "\u{1}null"

    static func rows(_ sql: String, in database: URL) async throws -> [[String]] {
        let arguments = ["-batch", "-separator", "\u{1F}", "-newline", "\u{1E}", "-nullvalue", null, database.path, sql]
        let (status, output, errors) = try await PostgresServer.onThread { try SpawnedProcess.run("sqlite3", arguments) }
        try #require(status == 0, "sqlite3 refused \(sql): \(errors)")
        return output.split(separator: "\u{1E}").map { row in
            row.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init)
        }
    }

    static func isNull(_ cell: String) -> Bool { cell == null }
}
