/// Why a percent-encoded text could not be decoded.
package enum PercentDecodingError: Error, Equatable {
    /// A `%` without two hexadecimal digits after it.
    case escape
    /// The bytes are not UTF-8.
    case utf8
    /// The text has a U+0000.
    case null

    package var detail: String {
        switch self {
        case .escape: "a % is not followed by two hexadecimal digits"
        case .utf8: "the text is not UTF-8"
        case .null: "the text has a NUL character"
        }
    }
}

/// Percent-decoding of parts of a URI (RFC 3986, 2.1).
package enum PercentDecoding {
    /// Decodes `text`; invalid escapes and invalid UTF-8 are errors, never replaced.
    ///
    /// - Parameter plusIsSpace: In a query, where forms write a space as `+`.
    package static func decode(_ text: Substring.UTF8View, plusIsSpace: Bool) throws(PercentDecodingError) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            var byte = text[index]
            text.formIndex(after: &index)
            if byte == UInt8(ascii: "%") {
                guard
                    index < text.endIndex, let high = nibble(text[index]),
                    text.formIndex(after: &index) == (), index < text.endIndex, let low = nibble(text[index])
                else { throw .escape }
                text.formIndex(after: &index)
                byte = high << 4 | low
            } else if plusIsSpace, byte == UInt8(ascii: "+") {
                byte = UInt8(ascii: " ")
            }
            guard byte != 0 else { throw .null }
            bytes.append(byte)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .utf8 }
        return decoded
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
