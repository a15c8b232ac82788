package import SeaworthySchema

/// What databases write differently.
package protocol Dialect: Sendable {
    /// The database's name in messages and file names: `sqlite`.
    var name: String { get }

    /// The mark for the parameter with this number, counted from 1, as a value of the type. The same number may stand several times.
    func placeholder(_ number: Int, _ type: FieldType) -> String

    /// An expression that tests text; null when the column is. For the insensitive form the parameter is already in upper case.
    func textMatch(_ match: Filter.TextMatch, column: String, parameter: String, mode: Filter.CaseMode) -> String

    /// An expression that is true when the column's value is in the JSON array that the parameter holds; null when the column is.
    ///
    /// - Parameter type: the column's; the array has values in their storage form, as ``Value`` has them.
    func isInJSON(column: String, parameter: String, _ type: FieldType) -> String

    /// What stands behind FROM to have a row for each element of the JSON array that the parameter holds.
    func jsonTable(_ parameter: String, as alias: String) -> String

    /// The place of the element in its array.
    func jsonPosition(of alias: String) -> String

    /// The element as a value of the type; with a part, that element of the array which it is itself.
    func jsonElement(of alias: String, part: Int?, _ type: FieldType) -> String

    /// An expression that is true when the JSON array in the column has the element; null when the column is.
    ///
    /// - Parameter element: the type of the array's elements; the parameter has that of the element's JSON form (``FieldType/atom``).
    func arrayHas(column: String, parameter: String, element: FieldType) -> String

    /// An expression for the part of a date or timestamp, in the form that ``DatePart`` tells; null when the column is.
    ///
    /// - Parameter type: the column's, for which there is such a part.
    func datePart(_ part: DatePart, of column: String, _ type: FieldType) -> String

    /// An expression for the average of a column of decimals, rounded half away from zero to so many more digits; null over no values. Exact,
    /// and refused with an overflow where the sum takes more than 64 bits of its digits.
    func roundedAverage(of column: String, scale: Int, furtherDigits: Int) -> String

    /// An expression for the sum of a column of numbers, as a value of its type; refused with an overflow beyond 64 bits of its digits.
    func sum(of column: String, _ type: FieldType) -> String

    /// An expression for the average of a column of numbers that are no decimals, as a double.
    func average(of column: String, _ type: FieldType) -> String

    /// An expression for the least or the largest value of a column.
    func extreme(_ extreme: Extreme, of column: String, _ type: FieldType) -> String

    /// What stands behind the closing parenthesis of `CREATE TABLE`, with a space before it.
    var tableOptions: String { get }

    /// Whether a subquery behind FROM may refer to what stands before it (LATERAL).
    var hasLateral: Bool { get }

    /// Whether references stand within `CREATE TABLE`, also to tables that are not there yet; otherwise they are added to the tables.
    var hasReferencesInTables: Bool { get }

    /// A column as it is compared with values of ``FieldType/compared``.
    func compared(_ column: String, _ type: FieldType) -> String

    /// What stands behind `REFERENCES table (columns)`: the server carries out onDelete, so that it can be audited; the database only forbids
    /// what the server did not do. References can be checked at the end of a transaction.
    var referenceOptions: String { get }

    /// The column's type, with the constraints that belong to the type.
    func columnType(of field: Field, column: String) -> String

    /// What marks a sole key as made by the database; nil when the server makes it.
    func generatedKey(of field: Field) -> String?

    /// Whether tables are in schemas, so that `dbSchema` means something.
    var hasSchemas: Bool { get }

    /// An expression for the time by the database's clock, so many microseconds from when it is asked; in the form of a timestamp column.
    ///
    /// - Parameter microseconds: an expression for a whole number.
    func time(in microseconds: String) -> String

    /// What stands at the end of a SELECT to hold its rows until the end of the transaction against others that ask so; empty where
    /// transactions that write are one after another anyway.
    var rowLock: String { get }

    /// What stands between the columns and `VALUES` where a key that the database would make is given, with a space before it.
    var overridingGenerated: String { get }

    /// What it takes for the keys that the database makes to go on behind one that was given; nil where the database sees to it.
    ///
    /// - Parameter table: as ``table(_:)`` writes it.
    func keySequence(table: String, column: String) -> KeySequence?
}

/// The statements that move a sequence past a key. None of them moves it back.
package struct KeySequence: Sendable {
    /// One row when the sequence has not come to the key yet, otherwise none. Parameter: the key.
    package var isBehind: SQLText
    /// Keeps every other transaction from writing to the table, so that none takes a key from the sequence while it is moved.
    package var lock: SQLText
    /// Moves it, unless it has come to the key. Not undone with the transaction. Parameter: the key.
    package var advance: SQLText
}

package enum Extreme: Sendable {
    case least, largest
}

extension FieldType {
    /// The type in which values of this one are compared: JSON by its text.
    package var compared: FieldType {
        switch self {
        case .json, .array: .text
        default: self
        }
    }

    /// The type of a value in the form that it has within a JSON array: a number, a boolean, or text.
    package var atom: FieldType {
        switch self {
        case .integer, .double, .boolean: self
        default: .text
        }
    }
}

extension Dialect {
    /// The name of an entity's table as statements have it.
    package func table(_ entity: Entity) -> String {
        (entity.dbSchema.map { quoted($0) + "." } ?? "") + quoted(entity.table)
    }

    /// An identifier between quotation marks, as the SQL standard has it.
    package func quoted(_ identifier: String) -> String {
        var text = "\""
        for scalar in identifier.unicodeScalars {
            if scalar == "\"" { text += "\"" }
            text.unicodeScalars.append(scalar)
        }
        return text + "\""
    }
}
