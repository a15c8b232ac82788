import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// Asks the rows of a table or view whether some columns could be its key.
struct UniqueColumns {
    /// The rows that are looked at; beyond them nothing is known.
    static let mostRows = 100_000

    private let statement: String

    init(_ columns: [String], of name: CatalogName, dialect: any Dialect) {
        let table = (name.schema.map { dialect.quoted($0) + "." } ?? "") + dialect.quoted(name.table)
        let list = columns.map(dialect.quoted)
        let rows = "SELECT \(list.joined(separator: ", ")) FROM \(table) LIMIT \(Self.mostRows)"
        let missing = list.map { "\($0) IS NULL" }.joined(separator: " OR ")
        statement = """
            SELECT (SELECT count(*) FROM (\(rows)) AS looked), (SELECT count(*) FROM (SELECT DISTINCT * FROM (\(rows)) AS looked) AS different),
                (SELECT count(*) FROM (\(rows)) AS looked WHERE \(missing))
            """
    }

    /// Nil when there are no rows.
    func answer(in transaction: any DatabaseTransaction) async throws -> Bool? {
        let row = try await transaction.query(Statement(statement), into: ValueRows()).first ?? []
        guard row.count == 3, row[0].number > 0 else { return nil }
        return row[0] == row[1] && row[2].number == 0
    }
}
