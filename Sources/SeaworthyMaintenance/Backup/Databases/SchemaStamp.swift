import Crypto
import FoundationEssentials
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// At which schema a database is, as its own tables tell.
enum SchemaStamp {
    /// SHA-256 of the schema that was applied last; nil when the table is not there or empty.
    static func hash(_ exists: Bool, in transaction: any DatabaseTransaction) async throws -> String? {
        guard exists else { return nil }
        let rows = try await transaction.query(Statement("SELECT schema FROM seaworthy_schema WHERE id = 1"), into: ValueRows())
        guard case .text(let text)? = rows.first?.first else { return nil }
        return SHA256.hash(data: Array(text.utf8)).hexadecimal
    }
}
