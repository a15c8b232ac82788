import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Synchronization

/// What a task asks of a connection: one statement, or one with many rows of parameters. It ends once, by ``succeed()`` or ``fail(_:)``.
// @unchecked Sendable: what is not atomic is set before the request is handed to the loop, and used by the loop's thread only from then on.
class Request: @unchecked Sendable {
    private static let lastID = Atomic<UInt64>(0)

    let id = Request.lastID.add(1, ordering: .relaxed).newValue
    let sql: SQLText
    let isCancelled = Atomic<Bool>(false)
    let wait = PoolWait.current

    /// When it came to the loop.
    final var queuedAt: UInt64 = 0
    /// When it was last sent; 0 before.
    final var startedAt: UInt64 = 0
    /// When it was sent for the first time.
    final var firstStartedAt: UInt64 = 0
    /// How often it was sent.
    final var attempts = 0
    /// What is known of its statement, once that was sent.
    final var statement: KnownStatement?
    /// Its group came to nothing, so it does not go together with others again.
    final var goesAlone = false
    /// It was what its group was ended at: nothing is put behind it.
    final var isSuspect = false
    /// The server was asked to end it.
    final var isEnding = false
    /// The task has its answer already; what still comes is thrown away.
    final var isAbandoned = false

    init(_ sql: SQLText) {
        self.sql = sql
    }

    var parameters: ArraySlice<Value> { [] }
    var operation: DatabaseMetrics.Operation { .execute }
    /// Rows that came, or were changed.
    var rowCount: Int { 0 }

    /// Takes what the server answered.
    func receive(_ result: PostgresResult) throws {}
    func succeed() {}
    func fail(_ error: any Error) {}
}

/// A statement whose rows a reader takes.
// @unchecked Sendable: as ``Request``.
final class QueryRequest<Reader: RowReader>: Request, @unchecked Sendable {
    private let values: [Value]
    private let reader: Reader
    private var output: Result<Reader.Output, any Error>?
    private var received = 0
    private var continuation: CheckedContinuation<Reader.Output, any Error>?

    init(_ statement: Statement, into reader: Reader) {
        values = statement.parameters
        self.reader = reader
        super.init(statement.sql)
    }

    func resume(_ continuation: CheckedContinuation<Reader.Output, any Error>) {
        self.continuation = continuation
    }

    override var parameters: ArraySlice<Value> { values[...] }
    override var operation: DatabaseMetrics.Operation { .query }
    override var rowCount: Int { received }

    override func receive(_ result: PostgresResult) throws {
        received = result.rowCount
        var reader = reader
        do {
            for index in 0..<Int32(clamping: result.rowCount) {
                try reader.read(PostgresRow(result: result, index: index))
                result.leaveRow()
            }
            output = .success(try reader.finish())
        } catch {
            output = .failure(error)
        }
    }

    override func succeed() {
        let missing = StorageError(.failed, message: "the text holds no statement")
        continuation.take()?.resume(with: output ?? .failure(missing))
    }

    override func fail(_ error: any Error) {
        continuation.take()?.resume(throwing: error)
    }
}

/// A statement that gives no rows, or several of the server's own that go together.
// @unchecked Sendable: as ``Request``.
final class ExecuteRequest: Request, @unchecked Sendable {
    private let values: [Value]
    private var changed = 0
    private var continuation: CheckedContinuation<Int, any Error>?

    init(_ statement: Statement) {
        values = statement.parameters
        super.init(statement.sql)
    }

    func resume(_ continuation: CheckedContinuation<Int, any Error>) {
        self.continuation = continuation
    }

    override var parameters: ArraySlice<Value> { values[...] }
    override var rowCount: Int { changed }

    override func receive(_ result: PostgresResult) throws { changed = result.changedCount }
    override func succeed() { continuation.take()?.resume(returning: changed) }
    override func fail(_ error: any Error) { continuation.take()?.resume(throwing: error) }
}

/// One statement for many rows.
// @unchecked Sendable: as ``Request``.
final class BatchRequest: Request, @unchecked Sendable {
    let width: Int
    let continuesOnError: Bool
    let count: Int
    private let values: [Value]
    private(set) var refused: [StorageError] = []
    private var continuation: CheckedContinuation<[StorageError], any Error>?

    init(_ sql: SQLText, values: [Value], width: Int, continuesOnError: Bool) {
        self.values = values
        self.width = width
        self.continuesOnError = continuesOnError
        count = width > 0 ? values.count / width : 0
        super.init(sql)
    }

    func resume(_ continuation: CheckedContinuation<[StorageError], any Error>) {
        self.continuation = continuation
    }

    override var operation: DatabaseMetrics.Operation { .batch }
    override var rowCount: Int { count - refused.count }

    func row(_ index: Int) -> ArraySlice<Value> { values[(index * width)..<((index + 1) * width)] }

    func refuse(_ error: StorageError) { refused.append(error) }

    override func succeed() { continuation.take()?.resume(returning: refused) }
    override func fail(_ error: any Error) { continuation.take()?.resume(throwing: error) }
}
