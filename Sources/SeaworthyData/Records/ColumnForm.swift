import FoundationEssentials
import SeaworthySchema
import SeaworthyStorage

/// How a column's value is written as JSON.
enum ColumnForm: Sendable {
    case text, json, integer, quotedInteger, boolean, double, timestamp, bytes
    case decimal(scale: Int)

    init(_ type: FieldType) {
        self =
            switch type {
            case .string, .text, .email, .url, .date, .uuid, .enum: .text
            case .json, .array: .json
            case .integer: .integer
            case .bigint: .quotedInteger
            case .boolean: .boolean
            case .double: .double
            case .decimal(_, let scale): .decimal(scale: scale)
            case .timestamp: .timestamp
            case .bytes: .bytes
            }
    }
}

extension [UInt8] {
    /// Writes a column in its JSON form.
    mutating func write(_ row: any Row, _ index: Int, _ form: ColumnForm) {
        if row.isNull(index) { return write("null") }
        switch form {
        case .text: writeQuoted(row.utf8(index))
        case .json: write(row.utf8(index))
        case .integer: write(integer: row.integer(index))
        case .boolean: write(row.integer(index) == 0 ? "false" : "true")
        case .double: write(double: row.double(index))
        case .quotedInteger, .decimal, .timestamp, .bytes:
            append(UInt8(ascii: "\""))
            switch form {
            case .decimal(let scale): write(decimal: row.integer(index), scale: scale)
            case .timestamp: write(timestamp: row.integer(index))
            case .bytes: writeVerbatim(Data(row.bytes(index)).base64EncodedString())
            default: write(integer: row.integer(index))
            }
            append(UInt8(ascii: "\""))
        }
    }
}
