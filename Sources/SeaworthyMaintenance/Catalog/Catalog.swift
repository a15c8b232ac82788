import SeaworthySchema

/// What is really in a database, as its own tables tell.
protocol Catalog: Sendable {
    /// Nil when there is neither a table nor a view of that name.
    ///
    /// - Parameter schema: the database's schema that it is in; nil for the one that an unqualified name means.
    func table(named name: String, in schema: String?) async throws -> CatalogTable?

    /// The names of every table and view, in the order of the names, without the database's own and those of the server.
    ///
    /// - Parameter schemas: the database's schemas to look into; empty for the one that an unqualified name means.
    func tableNames(in schemas: [String]) async throws -> [CatalogName]

    /// What the values of a table's columns are, by column, where its types do not say it; empty where they do.
    func contents(of table: CatalogTable) async throws -> [String: CatalogContent]

    /// Whether the values of some columns are all there and different by pairs, as those of a key are. Nil when there are no rows.
    func areUnique(_ columns: [String], in table: CatalogTable) async throws -> Bool?

    /// Whether there is a schema of this name.
    func hasSchema(_ name: String) async throws -> Bool

    /// The type that a column of the field has.
    func type(of field: Field) -> String

    /// Whether a column that is there holds every value of the field and no other.
    func holds(_ column: CatalogColumn, _ field: Field) -> Bool

    /// How a column that holds the field is read and written; nil where it is as this server would have made it.
    func form(of column: CatalogColumn, for field: Field) -> ColumnForm?

    /// The field within the bounds of a column that holds it, so that a value that does not fit is refused by its name.
    func bounded(_ field: Field, by column: CatalogColumn) -> Field
}

extension Catalog {
    func table(named name: String) async throws -> CatalogTable? {
        try await table(named: name, in: nil)
    }
}

/// The name of a table or view.
struct CatalogName: Sendable, Hashable {
    /// Nil where the database has no schemas, and for the one that an unqualified name means.
    var schema: String?
    var table: String
}

/// A table or view with all that the database knows of it.
struct CatalogTable: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case table, view, materializedView, foreignTable
        /// One that a module of the database makes up: an index of words, a file.
        case virtualTable
    }

    var name: CatalogName
    var kind: Kind
    var comment: String?
    var columns: [CatalogColumn]
    var foreignKeys: [CatalogForeignKey]
    /// Every index, that of the primary key too, in the order of their names.
    var allIndexes: [CatalogIndex]
    var checks: [CatalogCheck]

    var isView: Bool { kind == .view || kind == .materializedView }

    /// Names of the indexes.
    var indexes: [String] { allIndexes.map(\.name) }

    /// Those of them that are unique and were made by a statement of their own.
    var uniqueIndexes: [String] { allIndexes.filter { $0.isUnique && !$0.isOfConstraint }.map(\.name) }

    /// The columns of the primary key in its order; empty without one.
    var key: [String] {
        columns.filter { $0.keyPosition > 0 }.sorted { $0.keyPosition < $1.keyPosition }.map(\.name)
    }

    /// The column of this name, else the one that differs from it only in case.
    func column(named name: String) -> CatalogColumn? {
        columns.first { $0.name.hasSameBytes(as: name) } ?? columns.first { $0.name.lowercased() == name.lowercased() }
    }
}

struct CatalogColumn: Sendable, Equatable {
    /// What gives a value when none is given, besides a default.
    enum Source: Sendable, Equatable {
        /// A sequence or a row number, which goes on from the values that are there.
        case sequence
        /// A sequence whose values nobody may give themselves: `GENERATED ALWAYS AS IDENTITY`.
        case sequenceOnly
        /// The largest value and one; the last one may be given again when its row is gone.
        case rowNumber
        /// An expression over the row: the column cannot be written.
        case expression
    }

    var name: String
    /// The type in the database's own terms, as ``Catalog/type(of:)`` gives it for a field; of a domain that of its base.
    var type: String
    /// The type as it was declared: the name of the domain.
    var declaredType: String
    /// The values of an enum type, in its order; nil for every other type.
    var enumValues: [String]?
    var isRequired: Bool
    var hasDefault: Bool
    /// The default as the database writes it.
    var defaultExpression: String?
    var source: Source?
    /// The place in the primary key, from 1; 0 outside of it.
    var keyPosition: Int
    var comment: String?
    /// False where texts are in another order than by code point.
    var isByCodePoint = true
}

struct CatalogForeignKey: Sendable, Equatable {
    enum Action: Sendable, Equatable {
        case restrict, cascade, setNull, setDefault
    }

    var name: String
    /// The table that it points at.
    var target: String
    /// The schema of that table; as in ``CatalogName``.
    var targetSchema: String?
    var columns: [String]
    /// The columns there, in the order of ``columns``.
    var targetColumns: [String]
    var onDelete: Action

    /// The columns that stand for those of the target, in the order of those; nil when it points at others.
    func columns(for target: [String]) -> [String]? {
        guard target.count == targetColumns.count else { return nil }
        var ordered: [String] = []
        for name in target {
            guard let place = targetColumns.firstIndex(where: { $0.lowercased() == name.lowercased() }) else { return nil }
            ordered.append(columns[place])
        }
        return ordered
    }
}

struct CatalogIndex: Sendable, Equatable {
    var name: String
    var isUnique: Bool
    /// Whether it belongs to a constraint of the table: a primary key, a unique constraint.
    var isOfConstraint: Bool
    /// The columns by which it is ordered; nil for an expression.
    var columns: [String?]
    /// The condition of the rows in it; nil when all are.
    var condition: String?
    /// False for one that finds values in other ways than by order: of words, of places.
    var isOrdered: Bool = true
    /// As the database writes it.
    var definition: String

    /// Its columns when it orders all rows by columns; nil when it does something else.
    var plainColumns: [String]? {
        guard condition == nil, isOrdered, !columns.contains(nil), !columns.isEmpty else { return nil }
        return columns.compactMap(\.self)
    }
}

struct CatalogCheck: Sendable, Equatable {
    /// Nil where it has none.
    var name: String?
    /// The condition, without `CHECK` and its parentheses.
    var expression: String
    /// The column that `VALUE` stands for in the check of a domain.
    var valueColumn: String?
}

/// What the values of a column are in a database that keeps any value in any column.
struct CatalogContent: Sendable, Equatable {
    /// How many values are not null.
    var count = 0
    var integers = 0
    var reals = 0
    var texts = 0
    var blobs = 0
    /// Whether every integer is 0 or 1.
    var isFlag = true
    /// Whether every integer is within what a number of JSON holds exactly.
    var isSafe = true
    /// Whether every text is `YYYY-MM-DD`.
    var isDate = true
    /// Whether every text begins with `YYYY-MM-DD` and goes on.
    var isTime = true
    /// The length of the longest text.
    var longest = 0
}

extension Value {
    var text: String {
        if case .text(let text) = self { text } else { "" }
    }

    /// Nil for null.
    var textOrNil: String? {
        if case .text(let text) = self { text } else { nil }
    }

    var number: Int {
        if case .integer(let number) = self { Int(number) } else { 0 }
    }

    var flag: Bool { self == .integer(1) }
}

extension String {
    /// Whether two names are those of the same table.
    func isTableName(_ other: String, _ foldsCase: Bool) -> Bool {
        foldsCase ? lowercased() == other.lowercased() : hasSameBytes(as: other)
    }
}
