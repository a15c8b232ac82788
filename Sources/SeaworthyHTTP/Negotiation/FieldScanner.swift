/// Reads the value of a header field piece by piece: tokens, quoted strings, separators (RFC 9110, 5.6).
struct FieldScanner {
    private let bytes: [UInt8]
    private var index = 0

    init(_ value: some StringProtocol) {
        bytes = Array(value.utf8)
    }

    var isAtEnd: Bool { index == bytes.count }

    /// Spaces and tabs, of which there may always be some between the parts.
    mutating func skipSpace() {
        while index < bytes.count, bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "\t") {
            index += 1
        }
    }

    /// Takes one byte when it is the next.
    mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: byte) else { return false }
        index += 1
        return true
    }

    /// A token; nil when there is none here.
    mutating func token() -> String? {
        let start = index
        while index < bytes.count, Self.isTokenByte(bytes[index]) {
            index += 1
        }
        return index > start ? String(decoding: bytes[start..<index], as: UTF8.self) : nil
    }

    /// A quoted string without its quotes and backslashes; nil when none is here, or when it does not end.
    mutating func quotedString() -> String? {
        guard take("\"") else { return nil }
        var text: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard index < bytes.count else { return nil }
                text.append(bytes[index])
                index += 1
            default: text.append(byte)
            }
        }
        return nil
    }

    /// A string of structured fields without its quotes and backslashes, where these escape only each other (RFC 8941, 4.2.5); nil when none is
    /// here, or when it does not end.
    mutating func structuredString() -> String? {
        guard take("\"") else { return nil }
        var text: [UInt8] = []
        while index < bytes.count {
            var byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") {
                guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") || bytes[index] == UInt8(ascii: "\\") else { return nil }
                byte = bytes[index]
                index += 1
            }
            text.append(byte)
        }
        return nil
    }

    /// What stands between the quotes of an entity tag, where a backslash is a letter like others (RFC 9110, 8.8.3); nil when it is none.
    mutating func opaqueTag() -> String? {
        guard take("\"") else { return nil }
        let start = index
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: bytes[start..<(index - 1)], as: UTF8.self) }
            guard byte > 0x20, byte != 0x7F else { return nil }
        }
        return nil
    }

    /// On to the next comma that stands in no quoted string, and past it.
    ///
    /// - Returns: Was there nothing else before it?
    mutating func skipElement() -> Bool {
        skipSpace()
        var isClean = true
        while index < bytes.count {
            if take(",") { return isClean }
            isClean = false
            if bytes[index] == UInt8(ascii: "\"") {
                _ = quotedString()
            } else {
                index += 1
            }
        }
        return isClean
    }

    /// One of `!#$%&'*+-.^_`|~`, a digit or a letter.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "^")...UInt8(ascii: "z"),
            UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
