package import SeaworthySQL
import SeaworthySchema
package import SeaworthyStorage
import Synchronization

/// A PostgreSQL database behind a pool of connections.
///
/// Statements outside of a transaction only read, and many of them share a connection. A transaction has a connection of its own. Write
/// transactions are serializable: what they read and decide on stays true until they commit, as on a database with one writer; the one that
/// loses against another is run again. <https://www.postgresql.org/docs/15/transaction-iso.html#XACT-SERIALIZABLE>
package final class PostgresDatabase: Database {
    private let settings: PostgresSettings
    private let loop: PostgresLoop
    private let hasClosed: Latch

    private init(_ settings: PostgresSettings) throws(StorageError) {
        self.settings = settings
        let hasClosed = Latch()
        self.hasClosed = hasClosed
        loop = try PostgresLoop(settings) { hasClosed.open() }
    }

    deinit {
        loop.submit(.close)
    }

    /// Starts without a connection: the first statement makes one.
    static func start(_ settings: PostgresSettings) throws -> PostgresDatabase {
        let database = try PostgresDatabase(settings)
        try database.loop.start()
        return database
    }

    /// Connects once, so that what is wrong with the address, the password or the certificate is said at once.
    ///
    /// - Throws: ``StorageError`` `disconnected`; its message names the host and what is wrong.
    package static func open(_ settings: PostgresSettings) async throws -> PostgresDatabase {
        try await attempt(settings)
        let database = try start(settings)
        do {
            try await database.ping()
        } catch {
            await database.close()
            throw error
        }
        return database
    }

    /// Connects and lets go again. The pool would try again and again, with a password that may be wrong.
    private static func attempt(_ settings: PostgresSettings) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            do throws(StorageError) {
                try startThread {
                    continuation.resume(with: Result { try OpenedConnection(settings).close() })
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    package func query<Reader: RowReader>(_ statement: Statement, into reader: Reader) async throws -> Reader.Output {
        let request = QueryRequest(statement, into: reader)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                request.resume(continuation)
                loop.submit(.query(request))
            }
        } onCancel: {
            request.isCancelled.store(true, ordering: .relaxed)
            loop.submit(.cancel(request))
        }
    }

    package func transaction<Result: Sendable>(
        _ mode: TransactionMode, _ body: @Sendable (any DatabaseTransaction) async throws -> Result
    ) async throws -> Result {
        let end = Deadline(after: settings.retryTime)
        var attempt = 0
        while true {
            let lease = Lease(mode, session: settings.localSession(isReadOnly: false))
            do {
                return try await run(lease, body)
            } catch let error as StorageError where isLost(error, lease) && !end.isPast && !Task.isCancelled {
                attempt += 1
                // Longer each time, and another time for each, so that the same ones do not meet again.
                let most = min(1 << min(attempt, 7), 100)
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...most)))
            }
        }
    }

    /// Whether nothing of the transaction happened, and it may be run again.
    private func isLost(_ error: StorageError, _ lease: Lease) -> Bool {
        switch error.code {
        case .serializationFailure: true
        // A connection that broke while it was idle is found out by the first statement. One that was not to be had was waited for.
        case .disconnected: lease.wasLent && !lease.hasDone && !lease.isCommitting
        default: false
        }
    }

    package func session<Result: Sendable>(_ body: @Sendable (any DatabaseSession) async throws -> Result) async throws -> Result {
        guard settings.usesPreparedStatements else {
            throw StorageError(.failed, message: "there is no session behind a pooler; this needs DATABASE_DIRECT_URL, which goes past it")
        }
        let lease = Lease(.writeAlone, session: nil, isSession: true)
        try await acquire(lease)
        do {
            let result = try await body(PostgresSession(lease: lease, loop: loop))
            // Ends when the connection is given up, so that what it held is free by then.
            try await withCheckedThrowingContinuation { loop.submit(.end(lease, commits: true, $0)) }
            return result
        } catch {
            loop.submit(.end(lease, commits: false, nil))
            throw error
        }
    }

    private func acquire(_ lease: Lease) async throws {
        try await withTaskCancellationHandler {
            try Task.checkCancellation()
            try await withCheckedThrowingContinuation { loop.submit(.acquire(lease, $0)) }
        } onCancel: {
            lease.request.isCancelled.store(true, ordering: .relaxed)
            loop.submit(.cancelLease(lease))
        }
    }

    private func run<Result: Sendable>(
        _ lease: Lease, _ body: @Sendable (any DatabaseTransaction) async throws -> Result
    ) async throws -> Result {
        try await acquire(lease)
        do {
            let result = try await body(PostgresTransaction(lease: lease, loop: loop))
            try Task.checkCancellation()
            try await withCheckedThrowingContinuation { loop.submit(.end(lease, commits: true, $0)) }
            if let position = lease.position { ReadConsistency.current?.wrote(position) }
            return result
        } catch {
            loop.submit(.end(lease, commits: false, nil))
            throw error
        }
    }

    /// The server answers a statement, and takes writes.
    package func probe() async throws {
        if try await ping() {
            throw StorageError(.readOnly, message: "the server is in recovery, and takes no writes")
        }
    }

    /// - Returns: whether the server is in recovery.
    @discardableResult
    private func ping() async throws -> Bool {
        try await query(Statement(Self.recovery), into: ValueRows()) == [[.integer(1)]]
    }

    private static let recovery = SQLText("SELECT pg_is_in_recovery()")

    package var statistics: ConnectionPoolStatistics { loop.statistics }

    package func close() async {
        loop.submit(.close)
        await hasClosed.wait()
    }
}
