/// A real PgBouncer in transaction mode before a PostgreSQL; it goes with this process.
package final class PgBouncer: Sendable {
    package let port: Int
    private let server: PostgresServer
    private let script: ServingScript

    /// - Parameter settings: of PgBouncer, as `name=value`.
    package static func start(before server: PostgresServer, _ settings: [String] = []) async throws -> PgBouncer {
        try await PostgresServer.onThread { try PgBouncer(server, settings) }
    }

    private init(_ server: PostgresServer, _ settings: [String]) throws {
        self.server = server
        script = try ServingScript("test-pgbouncer", [server.folder, String(server.port)] + settings)
        guard let word = script.words.first, let port = Int(word) else {
            throw PostgresServer.Failure(description: "scripts/test-pgbouncer said: \(script.words)")
        }
        self.port = port
    }

    /// The address of a database through it.
    package func address(_ database: String) -> String { "postgres://postgres@127.0.0.1:\(port)/\(database)" }

    package func stop() { script.stop() }
}
