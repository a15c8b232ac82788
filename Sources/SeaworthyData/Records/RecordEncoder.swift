import FoundationEssentials
package import NIOCore
import SeaworthyQuery
import SeaworthySchema
import SeaworthyStorage

/// Writes rows as JSON objects, from the driver's columns as they stand.
struct RecordEncoder: Sendable {
    private struct Member: Sendable {
        /// `"Name":`
        var name: [UInt8]
        var content: Content
    }

    private enum Content: Sendable {
        case field(FieldType, column: Int, seen: Int?)
        case one([Member], presence: Int)
        case many(plan: Int, keys: [Int], seen: Int?)
    }

    private let members: [Member]

    /// - Parameter offset: how many columns stand before those of the layout.
    init(_ layout: RecordLayout, _ entities: [Entity], offset: Int = 0) {
        members = Self.members(layout.root, entities, offset)
    }

    private static func members(_ node: RecordLayout.Node, _ entities: [Entity], _ offset: Int) -> [Member] {
        let fields = entities[node.entity].fields
        return node.fields.map { column in
            Member(
                name: quoted(fields[column.field].name),
                content: .field(fields[column.field].type, column: column.column + offset, seen: column.seen.map { $0 + offset }))
        }
            + node.links.map { link in
                switch link {
                case .one(let name, let target):
                    Member(
                        name: quoted(name),
                        content: .one(members(target, entities, offset), presence: (target.presence ?? 0) + offset))
                case .many(let name, let children):
                    Member(
                        name: quoted(name),
                        content: .many(
                            plan: children.plan, keys: children.keys.map { $0 + offset }, seen: children.seen.map { $0 + offset }))
                }
            }
    }

    private static func quoted(_ name: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.writeQuoted(name)
        bytes.append(UInt8(ascii: ":"))
        return bytes
    }

    /// Writes the row without making a value of any of its columns. Where a list belongs that another statement gives, a place is kept.
    func write(_ row: any Row, into buffer: inout ByteBuffer, _ places: inout ListPlaces) {
        write(members, row, into: &buffer, &places)
    }

    private func write(_ members: [Member], _ row: any Row, into buffer: inout ByteBuffer, _ places: inout ListPlaces) {
        var separator = UInt8(ascii: "{")
        for member in members {
            if case .field(_, _, let seen?) = member.content, row.integer(seen) != 1 { continue }
            buffer.write(byte: separator)
            separator = UInt8(ascii: ",")
            buffer.writeBytes(member.name)
            switch member.content {
            case .field(let type, let column, _): buffer.write(row, column, as: type)
            case .one(let members, let presence):
                if row.isNull(presence) { buffer.write("null") } else { write(members, row, into: &buffer, &places) }
            case .many(let plan, let keys, let seen):
                buffer.write("[")
                if seen.map({ row.integer($0) == 1 }) ?? true { places.keep(at: buffer.writerIndex, plan: plan, key: keys, row) }
                buffer.write("]")
            }
        }
        if separator == UInt8(ascii: "{") { buffer.write(byte: separator) }
        buffer.write(byte: UInt8(ascii: "}"))
    }
}

/// Writes a record from its values as a JSON object.
struct ValueEncoder: Sendable {
    private let names: [[UInt8]]
    private let types: [FieldType]

    init(_ entity: Entity) {
        names = entity.fields.map { field in
            var bytes: [UInt8] = []
            bytes.writeQuoted(field.name)
            bytes.append(UInt8(ascii: ":"))
            return bytes
        }
        types = entity.fields.map(\.type)
    }

    /// - Parameter fields: those to write, in the entity's order.
    func write(_ record: [Value], fields: Set<Int>, into buffer: inout ByteBuffer) {
        var separator = UInt8(ascii: "{")
        for index in names.indices where fields.contains(index) {
            buffer.write(byte: separator)
            separator = UInt8(ascii: ",")
            buffer.writeBytes(names[index])
            types[index].write(record[index], into: &buffer)
        }
        if separator == UInt8(ascii: "{") { buffer.write(byte: separator) }
        buffer.write(byte: UInt8(ascii: "}"))
    }
}

extension ByteBuffer {
    /// Writes a column in the JSON form of its type.
    mutating func write(_ row: any Row, _ index: Int, as type: FieldType) {
        if row.isNull(index) { return write("null") }
        switch type {
        case .string, .text, .email, .url, .date, .uuid, .enum: writeQuoted(row.utf8(index))
        case .json, .array: write(row.utf8(index))
        case .integer: write(integer: row.integer(index))
        case .bigint:
            write(byte: UInt8(ascii: "\""))
            write(integer: row.integer(index))
            write(byte: UInt8(ascii: "\""))
        case .boolean: write(row.integer(index) == 0 ? "false" : "true")
        case .double: write(double: row.double(index))
        case .decimal(_, let scale):
            write(byte: UInt8(ascii: "\""))
            write(decimal: row.integer(index), scale: scale)
            write(byte: UInt8(ascii: "\""))
        case .timestamp:
            write(byte: UInt8(ascii: "\""))
            write(timestamp: row.integer(index))
            write(byte: UInt8(ascii: "\""))
        case .bytes:
            write(byte: UInt8(ascii: "\""))
            writeVerbatim(Data(row.bytes(index)).base64EncodedString())
            write(byte: UInt8(ascii: "\""))
        }
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
