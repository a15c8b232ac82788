import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Synchronization

/// Runs a transaction's statements on the connection that is on loan to it.
struct PostgresTransaction: DatabaseTransaction {
    let lease: Lease
    let loop: PostgresLoop

    func query<Reader: RowReader>(_ statement: Statement, into reader: Reader) async throws -> Reader.Output {
        let request = QueryRequest(statement, into: reader)
        return try await awaiting(request) { request.resume($0) }
    }

    func execute(_ statement: Statement) async throws -> Int {
        let request = ExecuteRequest(statement)
        return try await awaiting(request) { request.resume($0) }
    }

    func executeBatch(_ sql: SQLText, values: [Value], width: Int, continuesOnError: Bool) async throws -> [StorageError] {
        guard width > 0, values.count.isMultiple(of: width) else {
            throw StorageError(.failed, message: "\(values.count) values do not make rows of \(width)")
        }
        let request = BatchRequest(sql, values: values, width: width, continuesOnError: continuesOnError)
        return try await awaiting(request) { request.resume($0) }
    }

    func deferReferences() async throws {
        _ = try await execute(Statement(Self.deferring))
    }

    func checkReferences() async throws {
        _ = try await execute(Statement(Self.checking))
        try await deferReferences()
    }

    private static let deferring = SQLText("SET CONSTRAINTS ALL DEFERRED")
    private static let checking = SQLText("SET CONSTRAINTS ALL IMMEDIATE")

    private func awaiting<Output: Sendable>(
        _ request: Request, _ resume: (CheckedContinuation<Output, any Error>) -> Void
    ) async throws -> Output {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                resume(continuation)
                loop.submit(.run(request, lease))
            }
        } onCancel: {
            request.isCancelled.store(true, ordering: .relaxed)
            loop.submit(.cancel(request))
        }
    }
}
