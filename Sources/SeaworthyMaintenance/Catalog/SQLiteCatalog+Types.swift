import SeaworthySQL
import SeaworthySchema

extension SQLiteCatalog {
    func type(of field: Field) -> String {
        Self.affinity(SQLiteDialect().columnType(of: field, column: "c").split(separator: " ").first.map(String.init) ?? "")
    }

    /// A column of the type NUMERIC keeps whole numbers and doubles as they are, and texts as long as they do not look like numbers. One
    /// without a type keeps everything as it is.
    func holds(_ column: CatalogColumn, _ field: Field) -> Bool {
        let type = type(of: field)
        if column.type == type { return true }
        switch (column.type, field.type) {
        // Their digits or microseconds would be taken for the number that they stand for.
        case (_, .decimal), (_, .timestamp): return false
        case ("BLOB", _): return column.declaredType.isEmpty
        case ("NUMERIC", .integer), ("NUMERIC", .bigint), ("NUMERIC", .boolean), ("NUMERIC", .double), ("NUMERIC", .date): return true
        case ("NUMERIC", .string), ("NUMERIC", .text):
            return field.pattern.map { pattern in !Self.numbers.contains(where: pattern.matches) } ?? false
        default: return false
        }
    }

    func form(of column: CatalogColumn, for field: Field) -> ColumnForm? { nil }

    func bounded(_ field: Field, by column: CatalogColumn) -> Field { field }

    /// Texts that a column of the type NUMERIC would turn into numbers.
    private static let numbers = ["0", "7", "007", "12", "2016", "20160704", "201607041200", "1.5", "-1", "+1", "1e5", "2016.07", " 1"]

    /// The storage class that a declared type leads to (https://sqlite.org/datatype3.html#determination_of_column_affinity).
    static func affinity(_ type: String) -> String {
        let type = type.uppercased()
        if type.contains("INT") { return "INTEGER" }
        if ["CHAR", "CLOB", "TEXT"].contains(where: type.contains) { return "TEXT" }
        if type.isEmpty || type.contains("BLOB") { return "BLOB" }
        if ["REAL", "FLOA", "DOUB"].contains(where: type.contains) { return "REAL" }
        return "NUMERIC"
    }
}
