import SeaworthySchema

/// Which fields the columns of a database become.
protocol ColumnTypes: Sendable {
    /// The field of a column, or why there is none.
    func field(for column: CatalogColumn, in table: CatalogTable, content: CatalogContent?) -> ColumnOutcome
}

enum ColumnOutcome: Equatable {
    /// With what has to be said of it, and what may be of interest.
    case field(Field, notes: [String] = [], remarks: [String] = [])
    /// A field that stands in no schema: the reason.
    case left(String)
}

extension Field {
    /// A field that has no name yet.
    init(of column: CatalogColumn, _ type: FieldType, max: Int? = nil, pattern: Pattern? = nil) {
        self.init(name: "", column: column.name, type: type, maxLength: max, pattern: pattern)
    }
}

extension String {
    /// The numbers in the parentheses of a type: those of `numeric(10,2)`.
    var typeArguments: [Int] {
        guard let open = firstIndex(of: "("), let close = lastIndex(of: ")"), open < close else { return [] }
        return self[index(after: open)..<close].split(separator: ",").compactMap { Int(String($0).trimmed) }
    }
}
