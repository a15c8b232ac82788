import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// Sends a transaction's statements to the connection that is on loan to it.
struct SQLiteTransaction: DatabaseTransaction {
    let statements: WorkQueue

    func query<Reader: RowReader>(_ statement: Statement, into reader: Reader) async throws -> Reader.Output {
        try await statements.run { try $0.query(statement, into: reader) }
    }

    func query<Reader: RowReader>(_ many: [Statement], into reader: Reader) async throws -> [Reader.Output] {
        try await statements.run { try $0.query(many, into: reader) }
    }

    func execute(_ statement: Statement) async throws -> Int {
        try await statements.run { try $0.execute(statement) }
    }

    func executeBatch(_ sql: SQLText, values: [Value], width: Int, continuesOnError: Bool) async throws -> [StorageError] {
        try await statements.run {
            try $0.executeBatch(sql, values: values, width: width, continuesOnError: continuesOnError)
        }
    }

    func deferReferences() async throws {
        try await statements.run { try $0.deferReferences() }
    }

    func checkReferences() async throws {
        try await statements.run { try $0.checkReferences() }
    }
}
