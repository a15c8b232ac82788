import SeaworthyMaintenance
import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage

/// The application's database, at the application's schema.
struct OpenedDatabase: Sendable {
    let database: any Database
    let dialect: any Dialect
    /// What opening changed, a line each.
    let changes: [String]

    /// Opens the database. In development and test what is missing of the schema is made; elsewhere it must be there.
    ///
    /// - Throws: ``OperationFailure`` in terms of settings and schema.
    static func open(_ settings: Settings, schema: Schema) async throws -> OpenedDatabase {
        let dialect = SQLiteDialect()
        let database: SQLiteDatabase
        do {
            database = try await SQLiteDatabase.open(sqliteSettings(settings.database))
        } catch let error as StorageError {
            throw OperationFailure("the database cannot be opened: \(error.message). Fix: check DATABASE_URL and the rights of its folder")
        }
        do {
            let store = SchemaStore(database, dialect: dialect)
            guard !settings.environment.isStrict else {
                try await store.verify(schema)
                return OpenedDatabase(database: database, dialect: dialect, changes: [])
            }
            return OpenedDatabase(
                database: database, dialect: dialect, changes: try await store.apply(schema, now: WallClock.microseconds()))
        } catch {
            await database.close()
            switch error {
            case let error as MaintenanceError: throw OperationFailure("\(error)")
            case let error as StorageError:
                throw OperationFailure("the database cannot be used: \(error.message). Fix: check DATABASE_URL and the rights of the file")
            default: throw error
            }
        }
    }

    private static func sqliteSettings(_ settings: DatabaseSettings) -> SQLiteSettings {
        var sqlite =
            switch settings.location {
            case .file(let path): SQLiteSettings(.file(path))
            case .memory: SQLiteSettings(.memory)
            }
        sqlite.readerCount = settings.readerCount
        sqlite.poolTimeout = settings.poolTimeout
        sqlite.statementTimeout = settings.statementTimeout
        return sqlite
    }
}
