/// Which database, and how it is used. From `DATABASE_…`.
public struct DatabaseSettings: Sendable, Equatable {
    public enum Location: Sendable, Equatable {
        /// An SQLite file, by absolute path.
        case file(String)
        /// SQLite in memory: gone when the process ends.
        case memory
    }

    public let location: Location
    /// Connections that read at the same time.
    public let readerCount: Int
    /// How long a statement may wait for a connection.
    public let poolTimeout: Duration
    /// How long a statement may run.
    public let statementTimeout: Duration
}
