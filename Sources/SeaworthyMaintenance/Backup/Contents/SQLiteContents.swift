import Crypto
import FoundationEssentials
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// Reads what a SQLite database holds, within one transaction and so of one moment.
enum SQLiteContents {
    static func read(in transaction: any DatabaseTransaction) async throws -> DatabaseContents {
        // Virtual tables have no pages of their own; what they keep lies in ordinary ones.
        let names = try await transaction.query(
            Statement("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name"), into: ValueRows())
        var tables: [DatabaseContents.Table] = []
        for name in names.map({ $0[0].text }) {
            try Task.checkCancellation()
            tables.append(try await table(name, in: transaction))
        }
        let definitions = try await transaction.query(
            Statement("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name, tbl_name, sql"), into: RowHashes())
        let header = try await transaction.query(
            Statement("SELECT user_version, application_id FROM pragma_user_version, pragma_application_id"), into: RowHashes())
        return DatabaseContents(tables: tables, structure: definitions.hexadecimal + header.hexadecimal)
    }

    private static func table(_ name: String, in transaction: any DatabaseTransaction) async throws -> DatabaseContents.Table {
        // Columns that are computed when read (2) are not content, and may need functions that only their owner has.
        let columns = try await transaction.query(
            Statement("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden IN (0, 3) ORDER BY cid", [.text(name)]), into: ValueRows())
        let dialect = SQLiteDialect()
        let list = columns.map { dialect.quoted($0[0].text) }.joined(separator: ", ")
        let sum = try await transaction.query(
            Statement("SELECT \(list.isEmpty ? "NULL" : list) FROM \(dialect.quoted(name))"), into: RowHashes())
        let names = columns.map { JSONValue.string($0[0].text).compactText }.joined(separator: ",")
        return DatabaseContents.Table(
            name: name, rows: sum.rows, hash: SHA256.hash(data: Array("\(names)\n\(sum.hexadecimal)".utf8)).hexadecimal)
    }
}

/// Hashes each row and adds the hashes up. A row is the list of its values, each with its storage class and its length, so that no two
/// rows are written the same.
struct RowHashes: RowReader {
    private var sum = RowSum()
    private var bytes: [UInt8] = []

    mutating func read(_ row: any Row) {
        bytes.removeAll(keepingCapacity: true)
        for column in 0..<row.columnCount {
            switch row.value(column) {
            case .null: bytes.append(0)
            case .integer(let number):
                bytes.append(1)
                bytes.appendBigEndian(number)
            case .double(let number):
                bytes.append(2)
                bytes.appendBigEndian(number.bitPattern)
            case .text(let text):
                bytes.append(3)
                bytes.appendBigEndian(UInt64(text.utf8.count))
                bytes.append(contentsOf: text.utf8)
            case .bytes(let blob):
                bytes.append(4)
                bytes.appendBigEndian(UInt64(blob.count))
                bytes.append(contentsOf: blob)
            }
        }
        SHA256.hash(data: bytes).withUnsafeBytes { sum.add($0) }
    }

    consuming func finish() -> RowSum { sum }
}
