import PostgresServing
import SeaworthyPostgres
import SeaworthySQL
import SeaworthySQLite
import SeaworthyStorage

@testable import SeaworthyMaintenance

/// A database of one test, made by statements.
enum MadeDatabase {
    /// Runs the statements as psql does, and hands over the database.
    static func postgres<Result: Sendable>(_ sql: String, _ body: (PostgresDatabase) async throws -> Result) async throws -> Result {
        let server = try await PostgresServer.running()
        let address = try await server.makeDatabase()
        try await server.shell(server.name(of: address), sql)
        let database = try await PostgresDatabase.open(PostgresSettings(address))
        return try await database.closing { try await body(database) }
    }

    static func sqlite<Result: Sendable>(_ sql: String, _ body: (SQLiteDatabase) async throws -> Result) async throws -> Result {
        let database = try await SQLiteDatabase.open(SQLiteSettings(.memory))
        try await database.transaction(.write) { transaction in
            for statement in sql.split(separator: ";\n") { try await transaction.execute(Statement(String(statement))) }
        }
        let result = try await body(database)
        await database.close()
        return result
    }

    static func table(_ name: String, in schema: String? = nil, _ database: any Database, isPostgres: Bool) async throws -> CatalogTable? {
        try await database.transaction(.read) { transaction in
            let catalog: any Catalog = isPostgres ? PostgresCatalog(transaction) : SQLiteCatalog(transaction)
            return try await catalog.table(named: name, in: schema)
        }
    }
}
