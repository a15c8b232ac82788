import SeaworthySchema

/// Reads JSON objects: one a line (NDJSON), or as the elements of one array, without holding the whole file.
struct JSONRowParser: ImportRowParser {
    private enum Place {
        /// Before the array's bracket.
        case start
        /// Where the first element or the closing bracket stands.
        case first
        /// Where an element stands.
        case element
        /// Where a comma or the closing bracket stands.
        case separator
        case end
    }

    private let input: ImportInput
    private let isLines: Bool
    private var place = Place.start
    private var line = 1

    init(_ input: ImportInput, isLines: Bool) {
        self.input = input
        self.isLines = isLines
    }

    mutating func parse(_ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool, into batch: inout ImportBatch, limit: Int) throws -> Int {
        try isLines
            ? parseLines(bytes, isLast: isLast, into: &batch, limit: limit) : parseArray(bytes, isLast: isLast, into: &batch, limit: limit)
    }

    private mutating func parseLines(
        _ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool, into batch: inout ImportBatch, limit: Int
    ) throws -> Int {
        var position = 0
        while position < bytes.count, batch.count < limit {
            let end = bytes[position...].firstIndex(of: 0x0A)
            guard end != nil || isLast else { break }
            let slice = UnsafeBufferPointer(rebasing: bytes[position..<(end ?? bytes.count)])
            if slice.contains(where: { !Self.isSpace($0) }) { addRecord(slice, line: line, to: &batch) }
            line += 1
            position = end.map { $0 + 1 } ?? bytes.count
        }
        return position
    }

    private mutating func parseArray(
        _ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool, into batch: inout ImportBatch, limit: Int
    ) throws -> Int {
        var position = 0
        if line == 1, place == .start {
            let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
            if bytes.starts(with: mark) { position = 3 }
            // Its rest may be in the next bytes.
            if bytes.count < 3, !isLast, mark.starts(with: bytes) { return 0 }
        }
        while position < bytes.count, batch.count < limit {
            let byte = bytes[position]
            if byte == 0x0A { line += 1 }
            if Self.isSpace(byte) {
                position += 1
                continue
            }
            switch (place, byte) {
            case (.start, UInt8(ascii: "[")): place = .first
            case (.start, _): throw ImportError(.invalidFile, line: line, "the file is not an array of objects")
            case (.first, UInt8(ascii: "]")), (.separator, UInt8(ascii: "]")): place = .end
            case (.element, UInt8(ascii: "]")): throw ImportError(.invalidFile, line: line, "an element is missing behind a comma")
            case (.separator, UInt8(ascii: ",")): place = .element
            case (.separator, _): throw ImportError(.invalidFile, line: line, "a comma is missing between two elements")
            case (.end, _): throw ImportError(.invalidFile, line: line, "something follows the array")
            case (.first, _), (.element, _):
                guard let end = Self.elementEnd(bytes, from: position) else {
                    guard isLast else { return position }
                    throw ImportError(.invalidFile, line: line, "the file ends within an element")
                }
                let slice = UnsafeBufferPointer(rebasing: bytes[position..<end])
                addRecord(slice, line: line, to: &batch)
                line += slice.count { $0 == 0x0A }
                position = end
                place = .separator
                continue
            }
            position += 1
        }
        if isLast, position >= bytes.count, place != .end, batch.count < limit {
            throw ImportError(.invalidFile, line: line, place == .start ? "the file is empty" : "the array is not closed")
        }
        return position
    }

    /// Where the element that begins here ends: at the bracket that closes it, or before the next comma or bracket.
    private static func elementEnd(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        var depth = 0
        var isString = false
        var position = start
        while position < bytes.count {
            let byte = bytes[position]
            if isString {
                if byte == UInt8(ascii: "\\") { position += 1 } else if byte == UInt8(ascii: "\"") { isString = false }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    if depth == 0 { return position }
                    depth -= 1
                    if depth == 0 { return position + 1 }
                case UInt8(ascii: ",") where depth == 0: return position
                default: break
                }
            }
            position += 1
        }
        return nil
    }

    private func addRecord(_ slice: UnsafeBufferPointer<UInt8>, line: Int, to batch: inout ImportBatch) {
        do throws(JSONError) {
            guard case .object(let object) = try JSONParser.parse(slice) else {
                let problem = RecordProblem(pointer: "", code: RecordProblem.Code.wrongType, detail: "is not an object")
                batch.bad.append(BadRow(line: line, problems: [problem]))
                return
            }
            var row = input.record
            let record = row.newRecord(from: object, now: input.now)
            // Rows are records of one entity; those of others have a file of their own.
            for (relation, _) in row.nested {
                let name = input.entity.relations[relation].name
                row.report(
                    RecordProblem(
                        pointer: "/" + name.jsonPointerEscaped, code: RecordProblem.Code.relation,
                        detail: "is a relation to many records, which are imported by themselves"))
            }
            input.add(record, row.problems, given: row.given, line: line, to: &batch)
        } catch {
            let problem = RecordProblem(pointer: "", code: ValueProblem.Code.invalidFormat.rawValue, detail: "is not JSON: \(error)")
            batch.bad.append(BadRow(line: line, problems: [problem]))
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}
