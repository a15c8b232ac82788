/// Text in the encoding of RFC 2045 section 6.7, so that lines of any length and any character arrive over servers that take neither.
enum QuotedPrintable {
    /// A line has at most 76 bytes; the last is for the `=` that says that it goes on.
    private static let lineBytes = 75

    /// - Parameter text: lines that end with `\n`; the last may lack it, and gets it.
    static func encoded(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + text.utf8.count / 8)
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        for line in lines {
            append(Array(line), to: &bytes)
            bytes += [0x0D, 0x0A]
        }
        return bytes
    }

    private static func append(_ line: [UInt8], to bytes: inout [UInt8]) {
        var column = 0
        for (index, byte) in line.enumerated() {
            let isLast = index == line.count - 1
            let width = isLiteral(byte, isLast: isLast) ? 1 : 3
            if column + width > lineBytes {
                bytes += [UInt8(ascii: "="), 0x0D, 0x0A]
                column = 0
            }
            if width == 3 || column == 0 && isTroubleAtStart(line[index...]) {
                bytes += [UInt8(ascii: "="), digit(byte >> 4), digit(byte & 15)]
                column += 3
            } else {
                bytes.append(byte)
                column += 1
            }
        }
    }

    private static func isLiteral(_ byte: UInt8, isLast: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "="): false
        // Servers take away what they think is padding.
        case 0x20, 0x09: !isLast
        default: (0x21...0x7E).contains(byte)
        }
    }

    /// A dot at the start of a line ends a mail where a server or client forgets to double it, and mailbox files end one at `From `.
    private static func isTroubleAtStart(_ rest: ArraySlice<UInt8>) -> Bool {
        rest.first == UInt8(ascii: ".") || rest.starts(with: "From ".utf8)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") - 10 + value
    }
}
