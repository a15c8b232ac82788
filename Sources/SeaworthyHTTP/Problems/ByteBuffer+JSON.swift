package import NIOCore

extension ByteBuffer {
    /// Writes `text` as a JSON string (RFC 8259, 7): quoted, with the two characters and the controls escaped that must be.
    package mutating func writeJSONString(_ text: String) {
        writeInteger(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { bytes in
            var start = 0
            for index in bytes.indices {
                let byte = bytes[index]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
                writeBytes(bytes[start..<index])
                writeJSONEscape(of: byte)
                start = index + 1
            }
            writeBytes(bytes[start...])
        }
        writeInteger(UInt8(ascii: "\""))
    }

    private mutating func writeJSONEscape(of byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): writeStaticString("\\\"")
        case UInt8(ascii: "\\"): writeStaticString("\\\\")
        case 0x08: writeStaticString("\\b")
        case 0x09: writeStaticString("\\t")
        case 0x0A: writeStaticString("\\n")
        case 0x0C: writeStaticString("\\f")
        case 0x0D: writeStaticString("\\r")
        default:
            writeStaticString("\\u00")
            writeHexDigits(of: byte)
        }
    }

    /// Two lower-case hexadecimal digits.
    mutating func writeHexDigits(of byte: UInt8) {
        writeInteger(Self.hexDigit(byte >> 4))
        writeInteger(Self.hexDigit(byte & 0x0F))
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
