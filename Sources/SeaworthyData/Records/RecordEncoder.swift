import FoundationEssentials
package import NIOCore
import SeaworthySchema
import SeaworthyStorage

/// Writes records as JSON objects: from a row's columns as the driver has them, or from values.
struct RecordEncoder: Sendable {
    private struct Column: Sendable {
        /// `{"Name":` for the first, `,"Name":` for the others.
        var prefix: [UInt8]
        var type: FieldType
        var field: Int
    }

    private let columns: [Column]

    /// - Parameter fields: the fields to write, in this order. A row to write has them as its first columns.
    init(_ entity: Entity, fields: [Int]) {
        columns = fields.enumerated().map { position, field in
            var prefix: [UInt8] = [position == 0 ? UInt8(ascii: "{") : UInt8(ascii: ",")]
            prefix.writeQuoted(entity.fields[field].name)
            prefix.append(UInt8(ascii: ":"))
            return Column(prefix: prefix, type: entity.fields[field].type, field: field)
        }
    }

    /// Writes the row's columns without making a value of any of them.
    func write(_ row: any Row, into buffer: inout ByteBuffer) {
        guard !columns.isEmpty else {
            buffer.write("{}")
            return
        }
        for (index, column) in columns.enumerated() {
            buffer.writeBytes(column.prefix)
            if row.isNull(index) {
                buffer.write("null")
                continue
            }
            switch column.type {
            case .string, .text, .email, .url, .date, .uuid, .enum: buffer.writeQuoted(row.utf8(index))
            case .json, .array: buffer.write(row.utf8(index))
            case .integer: buffer.write(integer: row.integer(index))
            case .bigint:
                buffer.write(byte: UInt8(ascii: "\""))
                buffer.write(integer: row.integer(index))
                buffer.write(byte: UInt8(ascii: "\""))
            case .boolean: buffer.write(row.integer(index) == 0 ? "false" : "true")
            case .double: buffer.write(double: row.double(index))
            case .decimal(_, let scale):
                buffer.write(byte: UInt8(ascii: "\""))
                buffer.write(decimal: row.integer(index), scale: scale)
                buffer.write(byte: UInt8(ascii: "\""))
            case .timestamp:
                buffer.write(byte: UInt8(ascii: "\""))
                buffer.write(timestamp: row.integer(index))
                buffer.write(byte: UInt8(ascii: "\""))
            case .bytes:
                buffer.write(byte: UInt8(ascii: "\""))
                buffer.writeVerbatim(Data(row.bytes(index)).base64EncodedString())
                buffer.write(byte: UInt8(ascii: "\""))
            }
        }
        buffer.write(byte: UInt8(ascii: "}"))
    }

    /// Writes a record from its values, by the index of their field.
    func write(_ record: [Value], into buffer: inout ByteBuffer) {
        guard !columns.isEmpty else {
            buffer.write("{}")
            return
        }
        for column in columns {
            buffer.writeBytes(column.prefix)
            column.type.write(record[column.field], into: &buffer)
        }
        buffer.write(byte: UInt8(ascii: "}"))
    }
}

extension ByteBuffer: JSONOutput {
    package mutating func write(_ bytes: UnsafeBufferPointer<UInt8>) {
        writeBytes(bytes)
    }

    package mutating func write(_ text: StaticString) {
        writeStaticString(text)
    }

    package mutating func write(byte: UInt8) {
        writeInteger(byte)
    }
}
