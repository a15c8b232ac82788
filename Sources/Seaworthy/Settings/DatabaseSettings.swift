import FoundationEssentials
import SeaworthySQL

/// Which database, and how it is used. From `DATABASE_…`.
public struct DatabaseSettings: Sendable, Equatable {
    public enum Location: Sendable, Equatable {
        /// An SQLite file, by absolute path.
        case file(String)
        /// SQLite in memory: gone when the process ends.
        case memory
        /// PostgreSQL, by a connection URI, which may hold a password.
        case postgres(String)

        var isPostgres: Bool {
            if case .postgres = self { true } else { false }
        }

        /// The file of SQLite; nil where there is none on this machine.
        var path: String? {
            if case .file(let path) = self { path } else { nil }
        }
    }

    /// The path of an SQLite file that is not there.
    var missingFile: String? {
        guard let path = location.path, !FileManager.default.fileExists(atPath: path) else { return nil }
        return path
    }

    public let location: Location
    /// PostgreSQL past a connection pooler, by a connection URI: for changes of the schema.
    public let directConnection: String?
    /// SQLite: connections that read at the same time; PostgreSQL: connections at most.
    public let poolSize: Int
    /// How long a statement may wait for a connection.
    public let poolTimeout: Duration
    /// How long PostgreSQL may take to answer an attempt to connect, each host.
    public let connectTimeout: Duration
    /// How long a statement may run.
    public let statementTimeout: Duration
    /// How long a statement runs until it is logged with its plan.
    public var slowStatementTime: Duration = .seconds(1)
    /// Whether PostgreSQL's sessions are ours; not behind a pooler in transaction mode.
    public var usesPreparedStatements = true
    /// Replicas of the PostgreSQL database that answer reads, by a connection URI each.
    public var replicaConnections: [String] = []
    /// Whether SQLite's log is left to the server that stores it. From `BACKUP_LOG_INTERVAL`, and for every command: one that copied the
    /// log into the database would break the chain.
    var keepsLog = false
}

extension DatabaseSettings {
    /// How the database is spoken to.
    var dialect: any Dialect { location.isPostgres ? PostgresDialect() : SQLiteDialect() }
}
