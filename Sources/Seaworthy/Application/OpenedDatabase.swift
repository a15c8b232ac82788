import FoundationEssentials
import SeaworthyData
import SeaworthyMaintenance
import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage

/// The application's database, at the application's schema.
struct OpenedDatabase: Sendable {
    let database: any Database
    let dialect: any Dialect
    /// What opening changed, and what it found that stays.
    let outcome: SchemaStore.Outcome

    /// Opens the database. In development and test what is missing of the schema is made; elsewhere it must be there.
    ///
    /// - Throws: ``OperationFailure`` in terms of settings and schema.
    static func open(_ settings: Settings, schema: Schema) async throws -> OpenedDatabase {
        let dialect = SQLiteDialect()
        let schema = SystemSchema.extending(schema)
        if settings.environment.isStrict, case .file(let path) = settings.database.location, !FileManager.default.fileExists(atPath: path) {
            throw OperationFailure(
                "there is no database at \(path), and APP_ENV=\(settings.environment.rawValue) makes none. Fix: start once with APP_ENV=development on this path, or correct DATABASE_URL"
            )
        }
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
                return OpenedDatabase(database: database, dialect: dialect, outcome: SchemaStore.Outcome())
            }
            return OpenedDatabase(
                database: database, dialect: dialect, outcome: try await store.apply(schema, now: WallClock.microseconds()))
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
