package import SeaworthyStorage

/// Where a SQLite database is and how much it may take. The one place of each default.
package struct SQLiteSettings: Sendable {
    package enum Location: Sendable, Hashable {
        /// The database file; made when it does not exist (its folder is not).
        case file(String)
        /// A private database that nobody else can open and that vanishes when it is closed or the process ends.
        ///
        /// It is a file without a name, on Linux in `/dev/shm`, and so in memory, otherwise in `TMPDIR`. SQLite's own `:memory:` belongs
        /// to one connection, where a read inside a transaction's body would wait for that transaction for ever, and its shared cache is
        /// deprecated and lets readers block writers; this way snapshots, readers and the writer are the same as with a file.
        /// <https://sqlite.org/sharedcache.html>
        case memory
    }

    /// What a commit waits for. <https://sqlite.org/pragma.html#pragma_synchronous>
    package enum Synchronous: String, Sendable, Hashable {
        /// Every commit is on the disk before it is acknowledged.
        case full = "FULL"
        /// A power loss may take back acknowledged commits; the database stays whole.
        case normal = "NORMAL"
    }

    package var location: Location
    package var synchronous: Synchronous = .full
    /// Connections that read, each with a thread of its own; fewer than one counts as one.
    package var readerCount = 4
    /// How many statements may wait for a reader, and how many transactions for the writer; the next is refused with `queueFull`.
    package var queueLimit = 1_024
    /// How long a statement or a transaction may wait for a connection before `poolTimeout`.
    package var poolTimeout: Duration = .seconds(5)
    /// How long a statement, a whole batch, or statements run as one step may take before it is interrupted with `statementTimeout`.
    package var statementTimeout: Duration = .seconds(30)
    /// How long a transaction may stay without a statement of its body before it is rolled back with `transactionTimeout`.
    package var transactionIdleTimeout: Duration = .seconds(60)
    /// How many write transactions may share one commit; fewer than two is one commit each.
    package var groupLimit = 64
    /// How long after the first of them was complete others that wait for the writer may still begin before the commit.
    package var groupTime: Duration = .milliseconds(5)
    /// How long after its begin a transaction may still wait for something else than its statements while complete ones wait for the
    /// commit that it shares with them; then it is rolled back with `transactionTimeout`. Not for ``TransactionMode/writeAlone``.
    package var groupIdleTimeout: Duration = .seconds(1)
    /// How long a connection waits for another process's lock before `busy`.
    package var busyTimeout: Duration = .seconds(5)
    /// From what time on a statement is told to ``slowStatementObserver``, if there is one.
    package var slowStatementTime: Duration = .seconds(1)
    package var slowStatementObserver: SlowStatementWatch.Observer?
    /// Prepared statements that a connection keeps; the least recently used makes room.
    package var preparedStatementLimit = 256
    /// The most of the database that a connection keeps in memory.
    package var pageCacheBytes = 4 * 1_024 * 1_024
    /// How much of the file is mapped into memory. 0 is off: reads of a mapped file that fails end the process by SIGBUS.
    /// <https://sqlite.org/mmap.html>
    package var memoryMapBytes = 0
    /// The size that the write-ahead log is cut back to after a checkpoint.
    package var journalSizeLimitBytes = 64 * 1_024 * 1_024
    /// After how many pages in the write-ahead log a commit copies them into the database.
    package var checkpointPages = 1_000
    /// Whether the write-ahead log is left to somebody who stores it: neither a commit nor the last connection's end copies it into the
    /// database then, and it grows until that somebody does.
    package var keepsLog = false
    /// SQLite's interface to the operating system by name; nil is its default.
    var vfs: String?

    package init(_ location: Location) {
        self.location = location
    }
}
