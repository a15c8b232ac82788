import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// Runs a transaction's statements on the connection that is on loan to it.
struct SQLiteTransaction: FileCopying {
    let lease: Lease

    func query<Reader: RowReader>(_ statement: Statement, into reader: Reader) async throws -> Reader.Output {
        try await lease.run { try $0.query(statement, into: reader) }
    }

    func execute(_ statement: Statement) async throws -> Int {
        try await lease.run { try $0.execute(statement) }
    }

    func executeBatch(_ sql: SQLText, values: [Value], width: Int, continuesOnError: Bool) async throws -> [StorageError] {
        try await lease.run {
            try $0.executeBatch(sql, values: values, width: width, continuesOnError: continuesOnError)
        }
    }

    func deferReferences() async throws {
        try await lease.run { try $0.deferReferences() }
    }

    func checkReferences() async throws {
        try await lease.run { try $0.checkReferences() }
    }

    func copy(to path: String) async throws {
        try await lease.run { try $0.copy(to: path) }
    }
}
