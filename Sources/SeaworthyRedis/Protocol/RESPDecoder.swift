import NIOCore

/// Reads values of RESP2 and RESP3 out of the bytes as they come, however they are split.
///
/// What was read of an unfinished value is kept and not read again, so that a large one that comes in many pieces costs its length once.
struct RESPDecoder: Sendable {
    /// What a server may send at most; beyond it, it is not Redis that we talk to, or it is not well.
    struct Limits: Sendable {
        /// Bytes of one text.
        var textBytes = 64 << 20
        /// Bytes of a line: a type with a length or a number, a simple string, an error.
        var lineBytes = 64 << 10
        /// Values within one answer.
        var values = 1 << 20
        /// Arrays within arrays.
        var depth = 16
    }

    /// What makes further reading pointless: where the next value begins is not known any more.
    struct Violation: Error, Equatable, Sendable {
        let reason: String

        init(_ reason: String) {
            self.reason = reason
        }
    }

    private enum Kind {
        case array, map, push
        /// Remarks before a value, which nobody needs.
        case attribute
    }

    private struct Aggregate {
        let kind: Kind
        var missing: Int
        var values: [RESPValue]
    }

    private enum Text {
        case plain, verbatim, failure
    }

    private enum Item {
        case value(RESPValue)
        case aggregate(Kind, Int)
        case incomplete
    }

    private let limits: Limits
    private var open: [Aggregate] = []
    private var count = 0
    /// The text whose length has been read, and whose bytes have not come yet.
    private var awaited: (Text, length: Int)?
    /// How far from the reader the end of the line was looked for.
    private var searched = 0

    init(_ limits: Limits = Limits()) {
        self.limits = limits
    }

    /// The next whole value, taken out of the buffer; nil when more bytes are needed.
    mutating func next(_ buffer: inout ByteBuffer) throws(Violation) -> RESPValue? {
        while true {
            var value: RESPValue
            switch try item(&buffer) {
            case .incomplete: return nil
            case .aggregate(let kind, let missing):
                guard missing == 0 else {
                    guard open.count < limits.depth else { throw Violation("arrays lie too deep") }
                    open.append(Aggregate(kind: kind, missing: missing, values: []))
                    continue
                }
                guard let empty = Self.value(kind, []) else { continue }
                value = empty
            case .value(let scalar): value = scalar
            }
            var isComplete = true
            while let last = open.indices.last {
                open[last].values.append(value)
                open[last].missing -= 1
                guard open[last].missing == 0 else {
                    isComplete = false
                    break
                }
                let whole = open.removeLast()
                // Behind remarks the value that they are about is still to come.
                guard let closed = Self.value(whole.kind, whole.values) else {
                    isComplete = false
                    break
                }
                value = closed
            }
            guard isComplete else { continue }
            count = 0
            return value
        }
    }

    private static func value(_ kind: Kind, _ values: [RESPValue]) -> RESPValue? {
        switch kind {
        case .array: .array(values)
        case .map: .map(values)
        case .push: .push(values)
        case .attribute: nil
        }
    }

    private mutating func item(_ buffer: inout ByteBuffer) throws(Violation) -> Item {
        if let awaited { return try text(awaited.0, awaited.length, &buffer) }
        guard var line = try line(&buffer) else { return .incomplete }
        count += 1
        guard count <= limits.values else { throw Violation("an answer has too many values") }
        guard let type = line.readInteger(as: UInt8.self) else { throw Violation("a line is empty") }
        switch type {
        case UInt8(ascii: "+"), UInt8(ascii: "("): return .value(.text(line))
        case UInt8(ascii: "-"): return .value(.failure(RedisReplyError(String(buffer: line))))
        case UInt8(ascii: ":"): return .value(.integer(try Self.number(line)))
        case UInt8(ascii: "$"): return try text(.plain, line, &buffer)
        case UInt8(ascii: "="): return try text(.verbatim, line, &buffer)
        case UInt8(ascii: "!"): return try text(.failure, line, &buffer)
        case UInt8(ascii: "_"):
            guard line.readableBytes == 0 else { throw Violation("a null has a value") }
            return .value(.null)
        case UInt8(ascii: "#"):
            switch line.readInteger(as: UInt8.self) {
            case UInt8(ascii: "t") where line.readableBytes == 0: return .value(.boolean(true))
            case UInt8(ascii: "f") where line.readableBytes == 0: return .value(.boolean(false))
            default: throw Violation("a boolean is neither true nor false")
            }
        case UInt8(ascii: ","):
            guard let number = Double(String(buffer: line)) else { throw Violation("a double is no number") }
            return .value(.double(number))
        case UInt8(ascii: "*"): return try aggregate(.array, line, orNull: true)
        case UInt8(ascii: "~"): return try aggregate(.array, line)
        case UInt8(ascii: ">"): return try aggregate(.push, line)
        case UInt8(ascii: "%"): return try aggregate(.map, line)
        case UInt8(ascii: "|"): return try aggregate(.attribute, line)
        default: throw Violation("a value has an unknown type")
        }
    }

    private func aggregate(_ kind: Kind, _ line: ByteBuffer, orNull: Bool = false) throws(Violation) -> Item {
        let count = try Self.number(line)
        if count == -1, orNull { return .value(.null) }
        let width = kind == .map || kind == .attribute ? 2 : 1
        guard count >= 0, count <= limits.values / width else { throw Violation("the length of an array is out of bounds") }
        return .aggregate(kind, Int(count) * width)
    }

    private mutating func text(_ form: Text, _ line: ByteBuffer, _ buffer: inout ByteBuffer) throws(Violation) -> Item {
        let length = try Self.number(line)
        if length == -1, form == .plain { return .value(.null) }
        guard length >= 0, length <= limits.textBytes else { throw Violation("the length of a text is out of bounds") }
        return try text(form, Int(length), &buffer)
    }

    private mutating func text(_ form: Text, _ length: Int, _ buffer: inout ByteBuffer) throws(Violation) -> Item {
        guard buffer.readableBytes >= length + 2, var bytes = buffer.readSlice(length: length) else {
            awaited = (form, length)
            return .incomplete
        }
        awaited = nil
        guard buffer.readInteger(as: UInt16.self) == 0x0D0A else { throw Violation("a text does not end where it should") }
        switch form {
        case .plain: return .value(.text(bytes))
        case .failure: return .value(.failure(RedisReplyError(String(buffer: bytes))))
        case .verbatim:
            // `txt:` or `mkd:` before what was meant.
            guard bytes.readableBytes >= 4, bytes.getInteger(at: bytes.readerIndex + 3) == UInt8(ascii: ":") else {
                throw Violation("a verbatim text has no format")
            }
            bytes.moveReaderIndex(forwardBy: 4)
            return .value(.text(bytes))
        }
    }

    /// The next line without its end; nil when it has not ended yet.
    private mutating func line(_ buffer: inout ByteBuffer) throws(Violation) -> ByteBuffer? {
        let start = searched
        let end = buffer.withUnsafeReadableBytes { bytes in bytes[start...].firstIndex(of: 0x0A) }
        guard let end else {
            searched = buffer.readableBytes
            guard searched <= limits.lineBytes else { throw Violation("a line is too long") }
            return nil
        }
        searched = 0
        guard end <= limits.lineBytes else { throw Violation("a line is too long") }
        guard end > 0, buffer.getInteger(at: buffer.readerIndex + end - 1, as: UInt8.self) == 0x0D,
            var line = buffer.readSlice(length: end + 1)
        else { throw Violation("a line does not end as it should") }
        line.moveWriterIndex(to: line.writerIndex - 2)
        return line
    }

    /// A whole number, as lengths and integers are written.
    private static func number(_ line: ByteBuffer) throws(Violation) -> Int64 {
        let number = line.withUnsafeReadableBytes { bytes -> Int64? in
            var digits = bytes[...]
            let isNegative = digits.first == UInt8(ascii: "-")
            if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
            guard !digits.isEmpty else { return nil }
            var value: Int64 = 0
            for digit in digits {
                guard digit &- 0x30 < 10 else { return nil }
                // Downwards, since there is one more below zero than above.
                let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
                let (sum, overflows) = scaled.subtractingReportingOverflow(Int64(digit &- 0x30))
                guard !overflow, !overflows else { return nil }
                value = sum
            }
            guard !isNegative else { return value }
            return value == .min ? nil : -value
        }
        guard let number else { throw Violation("a number is none") }
        return number
    }
}
