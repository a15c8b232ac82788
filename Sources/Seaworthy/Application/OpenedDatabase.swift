import FoundationEssentials
import SeaworthyData
import SeaworthyMaintenance
import SeaworthyPostgres
import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage

/// The application's database, at the application's schema.
struct OpenedDatabase: Sendable {
    private(set) var database: any Database
    let dialect: any Dialect
    /// What opening changed, and what it found that stays.
    private(set) var outcome = SchemaStore.Outcome()
    /// The application's schema, with how the columns of its tables are read and written. Empty where it was only connected.
    private(set) var schema = Schema(name: "", entities: [])

    /// Opens the database. In development and test what is missing of the schema is made; elsewhere it must be there, and every migration
    /// must have been applied. With `MIGRATE_ON_START=true` those that are pending are applied first, wherever it is.
    ///
    /// - Parameters:
    ///   - migrations: the folder of migrations; nil for an application without one.
    ///   - slowStatements: told of statements that take long.
    ///   - log: takes hold of the log before anything is written.
    /// - Throws: ``OperationFailure`` in terms of settings and schema.
    static func open(
        _ settings: Settings, schema: Schema, migrations: MigrationFiles? = nil, slowStatements: SlowStatementWatch.Observer? = nil,
        log: LogShipper? = nil
    ) async throws -> OpenedDatabase {
        let application = schema
        let schema = SystemSchema.extending(application)
        if settings.environment.isStrict, !settings.migratesOnStart, let path = settings.database.missingFile {
            throw OperationFailure(
                "there is no database at \(path), and APP_ENV=\(settings.environment.rawValue) makes none. Fix: run seaworthy migrate apply, which makes it, or correct DATABASE_URL"
            )
        }
        var opened = try await connect(settings.database, slowStatements: slowStatements)
        do {
            await log?.begin(opened.database)
            (opened.outcome, opened.schema) = try await withDirect(opened, settings.database) { direct in
                let outcome = try await prepare(direct, settings, schema, migrations)
                return (outcome, try await SchemaStore(direct.database, dialect: direct.dialect).adopted(application))
            }
            return opened
        } catch {
            await opened.database.close()
            throw error
        }
    }

    private static func prepare(
        _ direct: OpenedDatabase, _ settings: Settings, _ schema: Schema, _ migrations: MigrationFiles?
    ) async throws -> SchemaStore.Outcome {
        var outcome = SchemaStore.Outcome()
        if let migrations, settings.migratesOnStart || settings.environment.isStrict {
            let folder = try migrations.folder(for: direct.dialect)
            let runner = direct.migrations
            if settings.migratesOnStart {
                let applied = try await runner.apply(
                    folder, schema: schema, planned: try migrations.plannedSchema(), allowsDestructive: false)
                outcome.changes = applied.steps.map { "migration \($0.name)" }
                outcome.leftovers = applied.notes
            } else {
                try requireApplied(try await runner.status(folder))
            }
        }
        let store = SchemaStore(direct.database, dialect: direct.dialect)
        if settings.environment.isStrict {
            try await store.verify(schema)
        } else {
            let applied = try await store.apply(schema, now: WallClock.microseconds())
            outcome.changes += applied.changes
            outcome.leftovers += applied.leftovers
        }
        return outcome
    }

    private static func requireApplied(_ status: MigrationStatus) throws {
        let pending = status.pending.map { "the migration \($0.name) is pending" }
        guard status.problems.isEmpty, pending.isEmpty else {
            throw OperationFailure(
                "the database has not had every migration, or other ones:\n"
                    + (status.problems + pending).map { "  - \($0)" }.joined(separator: "\n")
                    + "\nFix: run seaworthy migrate apply, or set MIGRATE_ON_START=true")
        }
    }

    /// The same, of which every statement is a span.
    var traced: OpenedDatabase {
        var traced = self
        traced.database = TracedDatabase(database, system: dialect.name == "postgres" ? "postgresql" : dialect.name)
        return traced
    }

    /// What applies migrations to this database.
    var migrations: MigrationRunner {
        MigrationRunner(database, dialect: dialect) { WallClock.microseconds() }
    }

    /// The database as it is, past a pooler where one stands before it: for what needs a session, as changes of the schema do.
    static func connectDirectly(_ settings: DatabaseSettings) async throws -> OpenedDatabase {
        guard let direct = settings.directConnection else { return try await connect(settings) }
        return try await connect(
            DatabaseSettings(
                location: .postgres(direct), directConnection: nil, poolSize: settings.poolSize, poolTimeout: settings.poolTimeout,
                connectTimeout: settings.connectTimeout, statementTimeout: settings.statementTimeout),
            setting: "DATABASE_DIRECT_URL")
    }

    private static func withDirect<Result>(
        _ opened: OpenedDatabase, _ settings: DatabaseSettings, _ body: (OpenedDatabase) async throws -> Result
    ) async throws -> Result {
        guard settings.directConnection != nil else { return try await inTermsOfSettings(settings) { try await body(opened) } }
        let direct = try await connectDirectly(settings)
        return try await direct.database.closing { try await inTermsOfSettings(settings) { try await body(direct) } }
    }

    /// Connects, and changes nothing.
    private static func connect(
        _ settings: DatabaseSettings, setting: String = "DATABASE_URL", slowStatements: SlowStatementWatch.Observer? = nil
    ) async throws -> OpenedDatabase {
        do {
            switch settings.location {
            case .file(let path): return try await sqlite(SQLiteSettings(.file(path)), settings, slowStatements)
            case .memory: return try await sqlite(SQLiteSettings(.memory), settings, slowStatements)
            case .postgres(let connection):
                var postgres = PostgresSettings(connection)
                postgres.pool.size = settings.poolSize
                postgres.pool.waitTimeout = settings.poolTimeout
                postgres.connectTimeout = settings.connectTimeout
                postgres.statementTimeout = settings.statementTimeout
                postgres.usesPreparedStatements = settings.usesPreparedStatements
                postgres.slowStatementTime = settings.slowStatementTime
                postgres.slowStatementObserver = slowStatements
                let database: any Database =
                    settings.replicaConnections.isEmpty
                    ? try await PostgresDatabase.open(postgres)
                    : try await ReplicatedDatabase.open(postgres, replicas: settings.replicaConnections)
                return OpenedDatabase(database: database, dialect: PostgresDialect())
            }
        } catch let error as StorageError {
            let advice = settings.location.isPostgres ? "that the server runs" : "the rights of its folder"
            throw OperationFailure("the database cannot be opened: \(error.message). Fix: check \(setting) and \(advice)")
        }
    }

    private static func sqlite(
        _ sqlite: SQLiteSettings, _ settings: DatabaseSettings, _ slowStatements: SlowStatementWatch.Observer?
    ) async throws -> OpenedDatabase {
        var sqlite = sqlite
        sqlite.readerCount = settings.poolSize
        sqlite.poolTimeout = settings.poolTimeout
        sqlite.statementTimeout = settings.statementTimeout
        sqlite.slowStatementTime = settings.slowStatementTime
        sqlite.slowStatementObserver = slowStatements
        sqlite.keepsLog = settings.keepsLog
        return OpenedDatabase(database: try await SQLiteDatabase.open(sqlite), dialect: SQLiteDialect())
    }

    /// Does something with the database, and says what goes wrong in terms of the settings.
    static func inTermsOfSettings<Result>(
        _ settings: DatabaseSettings, _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch let error as MaintenanceError {
            throw OperationFailure("\(error)")
        } catch let error as StorageError {
            let advice = settings.location.isPostgres ? "the rights of its user" : "the rights of the file"
            throw OperationFailure("the database cannot be used: \(error.message). Fix: check DATABASE_URL and \(advice)")
        }
    }
}
