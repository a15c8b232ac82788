package import SeaworthySchema

/// What databases write differently.
package protocol Dialect: Sendable {
    /// The database's name in messages and file names: `sqlite`.
    var name: String { get }

    /// The mark for the parameter with this number, counted from 1. The same number may stand several times.
    func placeholder(_ number: Int) -> String

    /// An expression that tests text; null when the column is. For the insensitive form the parameter is already in upper case.
    func textMatch(_ match: Filter.TextMatch, column: String, parameter: String, mode: Filter.CaseMode) -> String

    /// An expression that is true when the column's value is in the JSON array that the parameter holds; null when the column is.
    func isInJSON(column: String, parameter: String) -> String

    /// What stands behind FROM to have a row for each element of the JSON array that the parameter holds.
    func jsonTable(_ parameter: String, as alias: String) -> String

    /// The place of the element in its array.
    func jsonPosition(of alias: String) -> String

    /// The element as a value; with a part, that element of the array which it is itself.
    func jsonElement(of alias: String, part: Int?) -> String

    /// An expression that is true when the JSON array in the column has the element; null when the column is.
    func arrayHas(column: String, parameter: String) -> String

    /// An expression for the part of a date or timestamp, in the form that ``DatePart`` tells; null when the column is.
    ///
    /// - Parameter type: the column's, for which there is such a part.
    func datePart(_ part: DatePart, of column: String, _ type: FieldType) -> String

    /// An expression for the average of an integer column times the factor, rounded half away from zero; null over no values. Exact, and
    /// refused with an overflow where the sum of the column takes more than 64 bits.
    func roundedAverage(of column: String, factor: Int64) -> String

    /// The column's type, with the constraints that belong to the type.
    func columnType(of field: Field, column: String) -> String

    /// What marks a sole key as made by the database; nil when the server makes it.
    func generatedKey(of field: Field) -> String?
}

extension Dialect {
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
