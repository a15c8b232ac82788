/// Appends text to a log line in such a way that it can neither end the line nor steer a terminal.
///
/// Escaped in both formats: C0 and C1 control characters, U+007F, U+2028 and U+2029. In JSON also `"` and `\` (RFC 8259,
/// section 7). Everything else stays UTF-8 as it is.
enum LogText {
    /// Appends a JSON string with its quotes.
    static func appendQuoted(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        appendEscaped(text, quoting: true, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends the text without quotes; quotation marks and backslashes stay as they are.
    static func appendPlain(_ text: String, to bytes: inout [UInt8]) {
        appendEscaped(text, quoting: false, to: &bytes)
    }

    private static func appendEscaped(_ text: String, quoting: Bool, to bytes: inout [UInt8]) {
        let done: Void? = text.utf8.withContiguousStorageIfAvailable { appendEscaped($0, quoting: quoting, to: &bytes) }
        if done == nil {
            Array(text.utf8).withUnsafeBufferPointer { appendEscaped($0, quoting: quoting, to: &bytes) }
        }
    }

    private static func appendEscaped(_ text: UnsafeBufferPointer<UInt8>, quoting: Bool, to bytes: inout [UInt8]) {
        // Most text needs no escape: whole runs are copied, and only an escape interrupts them.
        var run = 0
        var index = 0
        while index < text.count {
            let width = escapedWidth(text, at: index, quoting: quoting)
            guard width > 0 else {
                index += 1
                continue
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[run..<index]))
            appendEscape(of: text, at: index, width: width, to: &bytes)
            index += width
            run = index
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[run..<text.count]))
    }

    /// The number of bytes at `index` that form a character to escape, or 0.
    private static func escapedWidth(_ text: UnsafeBufferPointer<UInt8>, at index: Int, quoting: Bool) -> Int {
        switch text[index] {
        case 0..<0x20, 0x7F:
            return 1
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            return quoting ? 1 : 0
        case 0xC2 where index + 1 < text.count && text[index + 1] < 0xA0:  // U+0080 to U+009F
            return 2
        case 0xE2 where index + 2 < text.count && text[index + 1] == 0x80 && (text[index + 2] == 0xA8 || text[index + 2] == 0xA9):
            return 3
        default:
            return 0
        }
    }

    private static func appendEscape(of text: UnsafeBufferPointer<UInt8>, at index: Int, width: Int, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch (width, text[index]) {
        case (1, UInt8(ascii: "\"")), (1, UInt8(ascii: "\\")): bytes.append(text[index])
        case (1, UInt8(ascii: "\n")): bytes.append(UInt8(ascii: "n"))
        case (1, UInt8(ascii: "\r")): bytes.append(UInt8(ascii: "r"))
        case (1, UInt8(ascii: "\t")): bytes.append(UInt8(ascii: "t"))
        case (1, let control): appendHex(UInt16(control), to: &bytes)
        case (2, _): appendHex(UInt16(text[index + 1]), to: &bytes)
        default: appendHex(0x2000 | UInt16(text[index + 2] & 0x3F), to: &bytes)
        }
    }

    private static func appendHex(_ unit: UInt16, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "u"))
        for shift in [12, 8, 4, 0] {
            let digit = UInt8(truncatingIfNeeded: unit >> UInt16(shift)) & 0xF
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
