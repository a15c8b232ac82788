import SeaworthyData
import SeaworthySQL
import SeaworthyStorage

/// Runs the body of each write transaction twice, and takes back what it did the first time: as PostgreSQL does with a transaction that lost
/// against another.
struct TwiceDatabase: Database {
    private struct Lost: Error {}

    let base: any Database

    func transaction<Result: Sendable>(
        _ mode: TransactionMode, _ body: @Sendable (any DatabaseTransaction) async throws -> Result
    ) async throws -> Result {
        do {
            try await base.transaction(mode) { transaction in
                _ = try await body(transaction)
                throw Lost()
            }
        } catch is Lost {}
        return try await base.transaction(mode, body)
    }

    func query<Reader: RowReader>(_ statement: Statement, into reader: Reader) async throws -> Reader.Output {
        try await base.query(statement, into: reader)
    }

    func session<Result: Sendable>(_ body: @Sendable (any DatabaseSession) async throws -> Result) async throws -> Result {
        try await base.session(body)
    }

    func probe() async throws { try await base.probe() }
    func close() async { await base.close() }
}

extension TestStore {
    /// The same records, each write of which has to be made twice.
    var twice: RecordStore {
        RecordStore(schema: records.schema, database: TwiceDatabase(base: database), dialect: dialect, secretKeys: Self.secretKeys)
    }
}
