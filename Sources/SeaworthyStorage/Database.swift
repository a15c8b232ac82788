package import SeaworthySQL
package import SeaworthySchema

/// What every driver offers. `StorageContract` says what each call owes; every driver passes it.
///
/// All calls throw ``StorageError`` for what the database refused, and `CancellationError` when the calling task was cancelled
/// before the database finished: a waiting statement leaves the queue, a running one is interrupted.
package protocol Database: Sendable {
    /// Runs one reading statement on any free reader, in a snapshot of its own.
    func query<Reader: RowReader>(_ statement: Statement, into reader: Reader) async throws -> Reader.Output

    /// Runs `body` in one transaction: committed when it returns, rolled back when it throws or its task is cancelled.
    ///
    /// What it wrote is committed when this returns. The body may run on the connection's own thread, so it must not block it; it may wait
    /// for other things than its statements, but the transaction waits with it.
    func transaction<Result: Sendable>(
        _ mode: TransactionMode, _ body: @Sendable (any DatabaseTransaction) async throws -> Result
    ) async throws -> Result

    /// Runs `body` with a connection for itself and outside of any transaction: for what cannot be done within one, and for what a
    /// connection holds, such as a lock or a setting. Its statements may take as long as they need; otherwise each is as the one of a
    /// transaction. Nothing that it set is met by others. On SQLite it holds the writer, so it should be as short as it can.
    ///
    /// Past a pooler that hands out connections by the transaction there is no session.
    func session<Result: Sendable>(_ body: @Sendable (any DatabaseSession) async throws -> Result) async throws -> Result

    /// Proves that the database answers now, and that it is still the one that was opened. Throws ``StorageError/Code/readOnly`` where it answers
    /// reads and takes no writes.
    func probe() async throws

    /// The copies that answer reads, as they were heard of last; empty for a database that has none.
    var replicas: [ReplicaCondition] { get }

    /// Refuses new work, lets running statements finish and closes every connection. Later calls throw ``StorageError/Code/closed``.
    func close() async
}

extension Database {
    package var replicas: [ReplicaCondition] { [] }

    /// Runs `body`, and closes the database whatever came of it.
    package func closing<Result>(after body: () async throws -> Result) async throws -> Result {
        do {
            let result = try await body()
            await close()
            return result
        } catch {
            await close()
            throw error
        }
    }
}

package enum TransactionMode: Sendable {
    /// A snapshot that does not change while it is read.
    case read
    /// May write. On SQLite there is one at a time, and those that wait for one another may share a commit: each is told only after it,
    /// and one that fails takes back only its own changes. So it should be short, and wait for little else than its statements.
    case write
    /// Like ``write``, but shares its commit with nobody: for what takes long or waits for others, such as an import or a change of tables.
    case writeAlone
}

/// The statements of one transaction, run in order on one connection.
package protocol DatabaseTransaction: Sendable {
    /// Runs a statement that gives rows: SELECT, or a write with RETURNING.
    func query<Reader: RowReader>(_ statement: Statement, into reader: Reader) async throws -> Reader.Output

    /// Runs a statement that gives no rows and returns how many it changed.
    @discardableResult
    func execute(_ statement: Statement) async throws -> Int

    /// Runs one statement for many rows in one step: for import.
    ///
    /// - Parameters:
    ///   - values: the parameters of all rows one after another, `width` for each.
    ///   - continuesOnError: whether rows that the database refuses are reported and passed over; otherwise the first one throws
    ///     a ``StorageError`` with its ``StorageError/row``.
    /// - Returns: what was refused, by index of the row; empty when all went in.
    func executeBatch(_ sql: SQLText, values: [Value], width: Int, continuesOnError: Bool) async throws -> [StorageError]

    /// From here to the end of the transaction references are checked by ``checkReferences()`` and at the commit, not by each statement.
    func deferReferences() async throws

    /// Throws ``StorageError/Code/foreignKeyViolation`` when some deferred reference points at nothing. The transaction stays usable.
    func checkReferences() async throws
}

/// The statements of one session, run in order on one connection, each committed by itself.
package protocol DatabaseSession: Sendable {
    /// Runs a statement that gives rows.
    func query<Reader: RowReader>(_ statement: Statement, into reader: Reader) async throws -> Reader.Output

    /// Runs a statement that gives no rows and returns how many it changed.
    @discardableResult
    func execute(_ statement: Statement) async throws -> Int

    /// Runs `body` in one transaction on the session's connection: committed when it returns, rolled back when it throws. It is run once:
    /// what loses against others throws. On SQLite it has the write lock from its begin.
    func transaction<Result: Sendable>(_ body: @Sendable (any DatabaseTransaction) async throws -> Result) async throws -> Result
}
