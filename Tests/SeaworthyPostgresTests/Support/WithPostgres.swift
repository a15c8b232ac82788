import PostgresServing
import SeaworthyPostgres
import SeaworthyStorage

typealias PostgresChange = (inout PostgresSettings) -> Void

/// A database of its own for one test, and the driver on it.
func withPostgres<Result>(
    _ change: PostgresChange = { _ in }, _ body: (PostgresDatabase, PostgresServer, String) async throws -> Result
) async throws -> Result {
    let server = try await PostgresServer.running()
    let address = try await server.makeDatabase()
    var settings = PostgresSettings(address)
    settings.pool.waitTimeout = .seconds(60)
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
