extension [UInt8] {
    /// No bytes yet, and room for so many.
    package init(room: Int) {
        self.init()
        reserveCapacity(room)
    }
}

/// JSON as bytes, written from front to back.
extension [UInt8] {
    package mutating func write(_ bytes: UnsafeBufferPointer<UInt8>) { append(contentsOf: bytes) }

    package mutating func write(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Writes the text between quotation marks, with the escapes that RFC 8259 section 7 asks for.
    package mutating func writeQuoted(_ text: UnsafeBufferPointer<UInt8>) {
        append(UInt8(ascii: "\""))
        var start = 0
        var index = 0
        while index < text.count {
            // Most of what is written needs no escape: eight bytes at a time.
            if index + 8 <= text.count, !Self.needsEscape(text, at: index) {
                index += 8
                continue
            }
            let byte = text[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                write(UnsafeBufferPointer(rebasing: text[start..<index]))
                writeEscape(byte)
                start = index + 1
            }
            index += 1
        }
        write(UnsafeBufferPointer(rebasing: text[start...]))
        append(UInt8(ascii: "\""))
    }

    /// Whether one of eight bytes is a control character, a quotation mark or a backslash. «Determine if a word has a byte less than n»
    /// and «… has a zero byte» of <https://graphics.stanford.edu/~seander/bithacks.html>.
    private static func needsEscape(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let word = UnsafeRawBufferPointer(text).loadUnaligned(fromByteOffset: index, as: UInt64.self)
        func hasZero(_ word: UInt64) -> UInt64 { (word &- ones) & ~word }
        let quote = hasZero(word ^ (ones &* 0x22))
        let backslash = hasZero(word ^ (ones &* 0x5C))
        let control = (word &- ones &* 0x20) & ~word
        return (quote | backslash | control) & (ones &* 0x80) != 0
    }

    package mutating func writeQuoted(_ text: String) {
        var text = text
        text.withUTF8 { writeQuoted($0) }
    }

    /// Writes the name of a member, and the colon behind it.
    package mutating func writeName(_ name: String) {
        writeQuoted(name)
        append(UInt8(ascii: ":"))
    }

    /// Writes bytes that need no escape.
    package mutating func writeVerbatim(_ text: String) {
        var text = text
        text.withUTF8 { write($0) }
    }

    private mutating func writeEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): write("\\\"")
        case UInt8(ascii: "\\"): write("\\\\")
        case 0x08: write("\\b")
        case 0x09: write("\\t")
        case 0x0A: write("\\n")
        case 0x0C: write("\\f")
        case 0x0D: write("\\r")
        default:
            write("\\u00")
            append(Self.hexDigit(byte >> 4))
            append(Self.hexDigit(byte & 0xF))
        }
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }

    /// Writes a value without any space, members in their order, numbers as they came.
    package mutating func write(json value: JSONValue) {
        switch value {
        case .null: write("null")
        case .bool(let flag): write(flag ? "true" : "false")
        case .number(let digits): writeVerbatim(digits)
        case .string(let text): writeQuoted(text)
        case .array(let elements):
            append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { append(UInt8(ascii: ",")) }
                write(json: element)
            }
            append(UInt8(ascii: "]"))
        case .object(let object):
            append(UInt8(ascii: "{"))
            for (index, member) in object.members.enumerated() {
                if index > 0 { append(UInt8(ascii: ",")) }
                writeName(member.name)
                write(json: member.value)
            }
            append(UInt8(ascii: "}"))
        }
    }
}

extension JSONValue {
    /// The value as compact JSON.
    package var compactText: String {
        var bytes: [UInt8] = []
        bytes.write(json: self)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value as JSON for people: two spaces a level.
    package var indentedText: String {
        var text = ""
        indent(into: &text, level: 0)
        return text
    }

    private func indent(into text: inout String, level: Int) {
        let inner = String(repeating: "  ", count: level + 1)
        let outer = String(repeating: "  ", count: level)
        switch self {
        case .array(let elements) where !elements.isEmpty:
            text += "[\n"
            for (index, element) in elements.enumerated() {
                text += inner
                element.indent(into: &text, level: level + 1)
                text += index + 1 < elements.count ? ",\n" : "\n"
            }
            text += outer + "]"
        case .object(let object) where !object.isEmpty:
            text += "{\n"
            for (index, member) in object.members.enumerated() {
                text += inner + JSONValue.string(member.name).compactText + ": "
                member.value.indent(into: &text, level: level + 1)
                text += index + 1 < object.members.count ? ",\n" : "\n"
            }
            text += outer + "}"
        default: text += compactText
        }
    }
}
