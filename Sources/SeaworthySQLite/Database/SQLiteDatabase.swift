package import SeaworthySQL
import SeaworthySchema
package import SeaworthyStorage

/// A SQLite database: one connection that writes, some that read, each on a thread of its own.
///
/// The write-ahead log lets readers go on while the writer writes. <https://sqlite.org/wal.html>
package final class SQLiteDatabase: Database {
    private let settings: SQLiteSettings
    private let file: DatabaseFile
    private let reads: WorkQueue
    private let writes: WorkQueue
    private let watchdog: PoolWatchdog
    private let hasClosed = Latch()
    private let commits = CommitCounter()
    private let watch: StatementWatch

    private init(settings: SQLiteSettings, file: DatabaseFile) {
        self.settings = settings
        self.file = file
        watchdog = PoolWatchdog(timeout: settings.poolTimeout)
        reads = WorkQueue(limit: settings.queueLimit, timeout: settings.poolTimeout, watchdog: watchdog)
        writes = WorkQueue(limit: settings.queueLimit, timeout: settings.poolTimeout, watchdog: watchdog)
        let slowStatements = settings.slowStatementObserver.map { [reads] observer in
            SlowStatementWatch(threshold: settings.slowStatementTime, observer: observer) { sql in
                try? await reads.run { try $0.plan(of: sql) }
            }
        }
        watch = StatementWatch(metrics: DatabaseMetrics(system: "sqlite", reportsConnections: false), slowStatements: slowStatements)
    }

    deinit {
        stop()
    }

    /// Opens the database, and makes it when it does not exist.
    ///
    /// - Throws: ``StorageError`` `cannotOpen` (no such folder, no permission, a folder), `notADatabase`, `corrupt`, `readOnly` or `busy`;
    ///   its message names the path and what is wrong with it.
    package static func open(_ settings: SQLiteSettings) async throws -> SQLiteDatabase {
        let file = try DatabaseFile(settings.location)
        let database = SQLiteDatabase(settings: settings, file: file)
        do {
            try database.watchdog.start(watching: [database.reads, database.writes])
            try await database.startConnections()
            try file.remember()
        } catch {
            await database.close()
            file.removeIfPrivate()
            throw error
        }
        file.removeIfPrivate()
        return database
    }

    private func startConnections() async throws {
        let readers = max(settings.readerCount, 1)
        // The writer closes last: it is the one that can copy the log into the database.
        let threads = ThreadCount { [writes] in writes.end() }
        let (hasClosed, watchdog) = (hasClosed, watchdog)
        do {
            try await ConnectionThread.start(
                named: "sqlite-write", serving: writes, role: .writer, path: file.path, settings: settings, commits: commits,
                watch: watch
            ) {
                watchdog.end()
                hasClosed.open()
            }
        } catch {
            watchdog.end()
            hasClosed.open()
            throw error
        }
        defer { threads.leave() }
        for number in 0..<readers {
            threads.enter()
            do {
                try await ConnectionThread.start(
                    named: "sqlite-read-\(number)", serving: reads, role: .reader, path: file.path, settings: settings, commits: commits,
                    watch: watch
                ) {
                    threads.leave()
                }
            } catch {
                threads.leave()
                throw error
            }
        }
    }

    // MARK: Database

    package func query<Reader: RowReader>(_ statement: Statement, into reader: Reader) async throws -> Reader.Output {
        try await reads.run { try $0.query(statement, into: reader) }
    }

    package func transaction<Result: Sendable>(
        _ mode: TransactionMode, _ body: @Sendable (any DatabaseTransaction) async throws -> Result
    ) async throws -> Result {
        let lease = Lease(mode, of: file, settings: settings)
        let queue = mode == .read ? reads : writes
        return try await withTaskCancellationHandler {
            queue.submit(lease)
            return try await withTaskExecutorPreference(lease) {
                try lease.requireOpen()
                do {
                    let result = try await body(SQLiteTransaction(lease: lease))
                    try Task.checkCancellation()
                    try await lease.commit()
                    return result
                } catch {
                    lease.rollback()
                    throw error
                }
            }
        } onCancel: {
            queue.cancel(lease)
        }
    }

    package func session<Result: Sendable>(_ body: @Sendable (any DatabaseSession) async throws -> Result) async throws -> Result {
        let lease = Lease(.writeAlone, isSession: true, of: file, settings: settings)
        return try await withTaskCancellationHandler {
            writes.submit(lease)
            return try await withTaskExecutorPreference(lease) {
                try lease.requireOpen()
                do {
                    let result = try await body(SQLiteSession(lease: lease))
                    lease.endSession()
                    return result
                } catch {
                    lease.endSession()
                    throw error
                }
            }
        } onCancel: {
            writes.cancel(lease)
        }
    }

    /// A reader reads from the database, and the file at its path still is the one that was opened (the same device and inode).
    ///
    /// The probe is the next thing a reader does, before all that wait, so with every reader at work it takes as long as the first of
    /// them needs to come free: a probe that the caller's timeout ends means that no reader came free in that time.
    ///
    /// - Throws: ``StorageError`` `replaced` when the file was replaced, moved or deleted, otherwise what the read failed with.
    package func probe() async throws {
        let file = file
        try await reads.run(ahead: true) { connection in
            _ = try connection.rows("SELECT count(*) FROM sqlite_schema")
            try file.verify()
        }
    }

    package func close() async {
        stop()
        await hasClosed.wait()
    }

    private func stop() {
        let closed = StorageError(.closed, message: "the database \(file.path) is closed")
        reads.refuse(with: closed)
        writes.refuse(with: closed)
        reads.end()
    }

    // MARK: Watching

    package var statistics: SQLitePoolStatistics {
        SQLitePoolStatistics(readers: .init(reads.statistics), writer: .init(writes.statistics), commits: commits.value)
    }
}
