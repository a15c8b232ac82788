import SeaworthySchema

/// What is really in a database, as its own tables tell.
protocol Catalog: Sendable {
    /// Nil when there is neither a table nor a view of that name.
    func table(named name: String) async throws -> CatalogTable?

    /// The type that a column of the field has.
    func type(of field: Field) -> String

    /// Whether a column of one type holds what a column of the other does.
    func isSame(_ type: String, _ other: String) -> Bool
}

struct CatalogColumn: Sendable, Equatable {
    var name: String
    /// The type in the database's own terms, as ``Catalog/type(of:)`` gives it for a field.
    var type: String
    var isRequired: Bool
    var hasDefault: Bool
    /// The place in the primary key, from 1; 0 outside of it.
    var keyPosition: Int
}

struct CatalogForeignKey: Sendable, Equatable {
    var target: String
    var columns: [String]
}

struct CatalogTable: Sendable, Equatable {
    var isView: Bool
    var columns: [CatalogColumn]
    var foreignKeys: [CatalogForeignKey]
    /// Names of the indexes.
    var indexes: [String]
    /// Those of them that are unique and were made by a statement of their own.
    var uniqueIndexes: [String]

    func column(named name: String) -> CatalogColumn? {
        columns.first { $0.name.lowercased() == name.lowercased() }
    }
}

extension Value {
    var text: String {
        if case .text(let text) = self { text } else { "" }
    }

    var number: Int {
        if case .integer(let number) = self { Int(number) } else { 0 }
    }
}
