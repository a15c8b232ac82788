import FoundationEssentials
import SeaworthyQuery
import SeaworthySchema
import SeaworthyStorage

/// Writes rows as CSV (RFC 4180), from the driver's columns as they stand. Records that relations to one lead to are columns of the same
/// row: `customer.CompanyName`.
struct CSVRowEncoder: Sendable {
    private struct Column: Sendable {
        var name: String
        var type: FieldType
        var index: Int
        /// A column that is true where the caller sees the field; nil where they always do.
        var seen: Int?
    }

    private let columns: [Column]
    private let options: ExportFormat.CSVOptions

    init(_ layout: RecordLayout, _ entities: [Entity], _ options: ExportFormat.CSVOptions) {
        columns = Self.columns(layout.root, entities, prefix: "")
        self.options = options
    }

    private static func columns(_ node: RecordLayout.Node, _ entities: [Entity], prefix: String) -> [Column] {
        let fields = entities[node.entity].fields
        return node.fields.map { column in
            let field = fields[column.field]
            return Column(name: prefix + field.name, type: field.type, index: column.column, seen: column.seen)
        }
            + node.links.flatMap { link -> [Column] in
                // A list has no place in a row; who asks for one is refused before.
                guard case .one(let name, let target) = link else { return [] }
                return columns(target, entities, prefix: prefix + name + ".")
            }
    }

    func writeHeader(into buffer: inout [UInt8]) {
        if options.hasMark { buffer.write("\u{FEFF}") }
        for (index, column) in columns.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            var name = column.name
            name.withUTF8 { buffer.write(cell: $0, isGuarded: false) }
        }
        buffer.write("\r\n")
    }

    /// Writes the row without making a value of any of its columns.
    func write(_ row: any Row, into buffer: inout [UInt8]) {
        for (index, column) in columns.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            if let seen = column.seen, row.integer(seen) != 1 { continue }
            write(row, column, into: &buffer)
        }
        buffer.write("\r\n")
    }

    private func write(_ row: any Row, _ column: Column, into buffer: inout [UInt8]) {
        let index = column.index
        if row.isNull(index) { return }
        switch column.type {
        case .string, .text, .email, .url, .enum: buffer.write(cell: row.utf8(index), isGuarded: options.guardsFormulas)
        case .date, .uuid, .json, .array: buffer.write(cell: row.utf8(index), isGuarded: false)
        case .integer, .bigint: buffer.write(integer: row.integer(index))
        case .boolean: buffer.write(row.integer(index) == 0 ? "false" : "true")
        case .double: buffer.write(double: row.double(index))
        case .decimal(_, let scale): buffer.write(decimal: row.integer(index), scale: scale)
        case .timestamp: buffer.write(timestamp: row.integer(index))
        case .bytes:
            let bytes = row.bytes(index)
            if bytes.isEmpty { buffer.write("\"\"") } else { buffer.writeVerbatim(Data(bytes).base64EncodedString()) }
        }
    }
}

extension [UInt8] {
    /// Writes a text as a cell, between quotation marks where it has to be: when it is empty, and so no null, and when it contains what ends
    /// a cell.
    ///
    /// - Parameter isGuarded: whether an apostrophe goes before what looks like a formula.
    fileprivate mutating func write(cell text: UnsafeBufferPointer<UInt8>, isGuarded: Bool) {
        guard let first = text.first else { return write("\"\"") }
        let needsGuard = isGuarded && Self.formulaStarts.contains(first)
        guard text.contains(where: Self.isSpecial) else {
            if needsGuard { append(UInt8(ascii: "'")) }
            return write(text)
        }
        append(UInt8(ascii: "\""))
        if needsGuard { append(UInt8(ascii: "'")) }
        var start = 0
        for index in text.indices where text[index] == UInt8(ascii: "\"") {
            // Up to the mark and with it; the next stretch begins with it again.
            write(UnsafeBufferPointer(rebasing: text[start...index]))
            start = index
        }
        write(UnsafeBufferPointer(rebasing: text[start...]))
        append(UInt8(ascii: "\""))
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == 0x0A || byte == 0x0D
    }

    /// What makes a spreadsheet program calculate: `=` `+` `-` `@`, tab, carriage return.
    private static let formulaStarts: [UInt8] = [0x3D, 0x2B, 0x2D, 0x40, 0x09, 0x0D]
}
