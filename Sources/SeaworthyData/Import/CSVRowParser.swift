import SeaworthySchema

/// Reads CSV (RFC 4180): a header row with field names, then a record a row.
struct CSVRowParser: ImportRowParser {
    private struct Cell {
        var start: Int
        var end: Int
        var isQuoted: Bool
        var hasEscapedQuotes: Bool
    }

    private enum RowEnd {
        /// The row goes on behind the bytes at hand.
        case incomplete
        /// The position behind the row.
        case complete(Int)
    }

    private let input: ImportInput
    private var entity: Entity { input.entity }
    /// The fields of the columns; nil before the header was read.
    private var columns: [Int]?
    private var given: Set<Int> = []
    private var line = 1
    private var cells: [Cell] = []

    init(_ input: ImportInput) {
        self.input = input
    }

    mutating func parse(_ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool, into batch: inout ImportBatch, limit: Int) throws -> Int {
        var position = 0
        if columns == nil, line == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        while position < bytes.count, batch.count < limit {
            let firstLine = line
            guard case .complete(let end) = try row(bytes, from: position, isLast: isLast) else { break }
            defer { position = end }
            let isEmptyLine = cells.count == 1 && cells[0].start == cells[0].end && !cells[0].isQuoted
            if let columns {
                // An empty line is no row, except where it is the one null of a table with one column.
                if isEmptyLine && columns.count > 1 { continue }
                addRecord(bytes, columns, line: firstLine, to: &batch)
            } else if !isEmptyLine {
                columns = try header(bytes, line: firstLine)
            }
        }
        if isLast, position >= bytes.count, columns == nil {
            throw ImportError(.invalidFile, line: 1, "the file has no header row")
        }
        return position
    }

    /// Finds the cells of the row that begins here.
    private mutating func row(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int, isLast: Bool) throws -> RowEnd {
        cells.removeAll(keepingCapacity: true)
        let firstLine = line
        var position = start
        var breaks = 0
        while true {
            if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
                position += 1
                var cell = Cell(start: position, end: position, isQuoted: true, hasEscapedQuotes: false)
                quoted: while true {
                    guard position < bytes.count else {
                        guard isLast else { return .incomplete }
                        throw ImportError(.invalidFile, line: firstLine, "a quotation mark is not closed")
                    }
                    switch bytes[position] {
                    case UInt8(ascii: "\""):
                        if position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "\"") {
                            cell.hasEscapedQuotes = true
                            position += 2
                            continue
                        }
                        // A quotation mark at the very end may be the first half of an escaped one.
                        if position + 1 == bytes.count, !isLast { return .incomplete }
                        break quoted
                    case 0x0A:
                        breaks += 1
                        position += 1
                    case 0x0D:
                        // A CR LF is one break, counted at its LF.
                        if position + 1 < bytes.count, bytes[position + 1] != 0x0A { breaks += 1 }
                        position += 1
                    default: position += 1
                    }
                }
                cell.end = position
                position += 1
                cells.append(cell)
                if position < bytes.count, bytes[position] != UInt8(ascii: ","), bytes[position] != 0x0A, bytes[position] != 0x0D {
                    throw ImportError(.invalidFile, line: firstLine + breaks, "something follows a closing quotation mark")
                }
            } else {
                let cellStart = position
                while position < bytes.count, bytes[position] != UInt8(ascii: ","), bytes[position] != 0x0A, bytes[position] != 0x0D {
                    position += 1
                }
                cells.append(Cell(start: cellStart, end: position, isQuoted: false, hasEscapedQuotes: false))
            }
            guard position < bytes.count else {
                guard isLast else { return .incomplete }
                line += breaks
                return .complete(position)
            }
            switch bytes[position] {
            case UInt8(ascii: ","): position += 1
            case 0x0D:
                guard position + 1 < bytes.count || isLast else { return .incomplete }
                position += position + 1 < bytes.count && bytes[position + 1] == 0x0A ? 2 : 1
                line += breaks + 1
                return .complete(position)
            default:
                line += breaks + 1
                return .complete(position + 1)
            }
        }
    }

    private mutating func header(_ bytes: UnsafeBufferPointer<UInt8>, line: Int) throws -> [Int] {
        var columns: [Int] = []
        for cell in cells {
            let name: String
            do throws(ValueProblem) {
                name = try text(of: cell, bytes, column: nil)
            } catch {
                throw ImportError(.invalidFile, line: line, "the header \(error.detail)")
            }
            guard let field = entity.fieldIndex(named: name), input.isVisible(field) else {
                let known = entity.fields.indices.filter(input.isVisible).map { entity.fields[$0].name }
                let hint = known.nearest(to: name).map { "; did you mean «\($0)»?" } ?? ""
                throw ImportError(.invalidFile, line: line, "the column «\(name.excerpt)» is not a field of \(entity.name)\(hint)")
            }
            guard !columns.contains(field) else {
                throw ImportError(.invalidFile, line: line, "the column «\(name)» stands twice")
            }
            if let reason = input.sealed(field) {
                throw ImportError(.invalidFile, line: line, "the column «\(name)» \(reason)")
            }
            columns.append(field)
        }
        given = Set(columns)
        return columns
    }

    private func addRecord(_ bytes: UnsafeBufferPointer<UInt8>, _ columns: [Int], line: Int, to batch: inout ImportBatch) {
        guard cells.count == columns.count else {
            let problem = RecordProblem(
                pointer: "", code: RecordProblem.Code.wrongType, detail: "has \(cells.count) cells; the header has \(columns.count)")
            batch.bad.append(BadRow(line: line, problems: [problem]))
            return
        }
        var row = input.record
        var record = [Value?](repeating: nil, count: entity.fields.count)
        for (cell, field) in zip(cells, columns) {
            do throws(ValueProblem) {
                record[field] = try value(of: cell, bytes, for: entity.fields[field])
            } catch {
                row.report(error, field: field)
                record[field] = .some(.null)
            }
        }
        let completed = row.completed(record, now: input.now)
        input.add(completed, row.problems, given: given, line: line, to: &batch)
    }

    private func value(of cell: Cell, _ bytes: UnsafeBufferPointer<UInt8>, for field: Field) throws(ValueProblem) -> Value {
        if cell.start == cell.end, !cell.isQuoted { return .null }
        let slice = UnsafeBufferPointer(rebasing: bytes[cell.start..<cell.end])
        let value =
            if !cell.hasEscapedQuotes, let plain = field.type.plainValue(slice) {
                plain
            } else {
                try field.type.value(fromText: try text(of: cell, bytes, column: field.name), isFile: true)
            }
        try field.checkBounds(value)
        return value
    }

    private func text(of cell: Cell, _ bytes: UnsafeBufferPointer<UInt8>, column: String?) throws(ValueProblem) -> String {
        let slice = bytes[cell.start..<cell.end]
        let text: String? =
            if cell.hasEscapedQuotes {
                String(validating: Self.unescaped(slice), as: UTF8.self)
            } else {
                String(validating: UnsafeBufferPointer(rebasing: slice), as: UTF8.self)
            }
        guard let text else { throw ValueProblem(.invalidFormat, "is not valid UTF-8") }
        return text
    }

    private static func unescaped(_ slice: Slice<UnsafeBufferPointer<UInt8>>) -> [UInt8] {
        var bytes: [UInt8] = []
        var isSecond = false
        for byte in slice {
            if byte == UInt8(ascii: "\""), !isSecond {
                isSecond = true
                continue
            }
            isSecond = false
            bytes.append(byte)
        }
        return bytes
    }
}
