import Logging
import SeaworthyMaintenance
import SeaworthyPostgres
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage

/// The backups that the settings ask for.
enum ConfiguredBackups {
    /// Dumps and hashes read whole tables: what guards a request must not end them.
    private static let patience: Duration = .seconds(7 * 86_400)

    /// - Throws: ``OperationFailure`` where the settings name no place, or a database that has no backups.
    static func make(_ settings: Settings, logger: Logger) throws -> Backups {
        let backup = settings.backup
        guard let place = backup.place else {
            throw OperationFailure("no place for backups is set. Fix: set BACKUP_DIR=PATH or BACKUP_S3_URL=s3://BUCKET/PREFIX")
        }
        let store: any BackupStore =
            switch place {
            case .folder(let path): FolderStore(path)
            case .bucket(let location, let credentials): S3Store(location, credentials) { WallClock.microseconds() }
            }
        let (engine, scratchRoot) = try engine(settings)
        return Backups(
            store: store, engine: engine, keys: backup.keys.map { BackupKeys($0.all) }, retention: backup.retention,
            version: ApplicationVersion.text, scratchRoot: scratchRoot, logger: logger, now: { WallClock.microseconds() })
    }

    /// What stores SQLite's log; nil where the settings ask for none.
    static func logKeeper(_ settings: Settings, logger: Logger) throws -> LogKeeper? {
        guard let interval = settings.backup.logInterval, case .file(let path) = settings.database.location else { return nil }
        let backups = try make(settings, logger: logger)
        let shipper = LogShipper(
            path: path, backups: backups, hold: SQLiteLogHold(path), settings: LogShippingSettings(interval: interval), logger: logger)
        return LogKeeper(shipper: shipper)
    }

    private static func engine(_ settings: Settings) throws -> (any BackupEngine, scratchRoot: String) {
        let database = settings.database
        switch database.location {
        case .memory:
            throw OperationFailure("SQLite in memory has no backups. Fix: write DATABASE_URL=sqlite:PATH")
        case .file(let path):
            let engine = SQLiteBackupEngine(
                path: path,
                open: { opened in
                    var settings = SQLiteSettings(.file(opened))
                    // A restored copy is whole in one file when it is closed.
                    settings.keepsLog = database.keepsLog && opened == path
                    settings.readerCount = 1
                    (settings.statementTimeout, settings.transactionIdleTimeout) = (patience, patience)
                    return try await SQLiteDatabase.open(settings)
                }, lock: { SQLiteFileLock($0) })
            // A copy of the database is as safe beside it as the database, and has as much space there.
            return (engine, path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".")
        case .postgres(let connection):
            let text = database.directConnection ?? connection
            var parameters = ConnectionText.parameters(text)
            // Tells our connections from others'.
            parameters["application_name"] = PostgresBackupEngine.applicationName
            let tools = PostgresTools(parameters: parameters, environment: settings.backup.environment)
            let engine = PostgresBackupEngine(database: ConnectionText.database(text), tools: tools) { [parameters] name in
                var parameters = parameters
                parameters["dbname"] = name
                var settings = PostgresSettings(ConnectionText.text(parameters))
                settings.pool.size = 2
                settings.connectTimeout = database.connectTimeout
                (settings.statementTimeout, settings.transactionIdleTimeout) = (patience, patience)
                return try await PostgresDatabase.open(settings)
            }
            return (engine, settings.backup.temporaryFolder)
        }
    }
}

extension SQLiteLogHold: LogHold {}
