import FoundationEssentials
import SeaworthySchema

/// Header fields as RFC 5322 and RFC 2047 want them: folded lines, and words in base64 for what is not ASCII.
enum HeaderText {
    /// The length that RFC 5322 section 2.1.1 asks for.
    private static let lineBytes = 78
    /// The longest line with an encoded word, and such a word itself: RFC 2047 section 2.
    private static let encodedLineBytes = 76
    private static let wordOpening = "=?utf-8?B?"
    private static let wordEnd = "?="
    /// A longer word could not stand on a line of at most 998 bytes.
    private static let longestWord = 900

    /// A field whose value is words for a reader, such as Subject, with its CRLF.
    static func unstructured(_ field: String, _ value: String) -> String {
        let start = field + ": "
        guard isPlain(value) else { return start + encoded(value, column: start.utf8.count).text + "\r\n" }
        var text = start
        var column = start.utf8.count
        for (index, word) in value.split(separator: " ").enumerated() {
            if index > 0 {
                // The space that was there begins the next line.
                if column + 1 + word.utf8.count > lineBytes {
                    text += "\r\n"
                    column = 0
                }
                text += " "
                column += 1
            }
            text += word
            column += word.utf8.count
        }
        return text + "\r\n"
    }

    /// From, with its CRLF.
    static func mailbox(_ field: String, _ sender: MailSender) -> String {
        let start = field + ": "
        guard let name = sender.name else { return "\(start)\(sender.address.canonical)\r\n" }
        var (phrase, column) = (name, start.utf8.count + name.utf8.count)
        if !isPlain(name) {
            (phrase, column) = encoded(name, column: start.utf8.count)
        } else if !name.utf8.allSatisfy({ MailAddress.isAtomByte($0) || $0 == 0x20 }) {
            phrase = "\"\(name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
            column = start.utf8.count + phrase.utf8.count
        }
        let address = " <\(sender.address.canonical)>"
        return start + phrase + (column + address.utf8.count > lineBytes ? "\r\n" : "") + address + "\r\n"
    }

    /// To, with its CRLF: an address a line.
    static func addresses(_ field: String, _ addresses: [MailAddress]) -> String {
        "\(field): \(addresses.map(\.canonical).joined(separator: ",\r\n "))\r\n"
    }

    /// Whether a value reads as it is written: visible ASCII, words with one space between them, and nothing that looks encoded.
    private static func isPlain(_ value: String) -> Bool {
        value.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !value.contains("=?")
            && value.split(separator: " ", omittingEmptySubsequences: false).allSatisfy { (1...longestWord).contains($0.utf8.count) }
    }

    /// Encoded words, a line each. None ends within a character.
    ///
    /// - Parameter column: how much of the first line is used.
    private static func encoded(_ value: String, column: Int) -> (text: String, column: Int) {
        var text = ""
        var column = column
        var word: [UInt8] = []
        func room() -> Int { (encodedLineBytes - column - wordOpening.utf8.count - wordEnd.utf8.count) / 4 * 3 }
        func close() {
            let encoded = wordOpening + Data(word).base64EncodedString() + wordEnd
            text += encoded
            column += encoded.utf8.count
            word = []
        }
        for scalar in value.unicodeScalars {
            let bytes = UTF8.encode(scalar).map(Array.init) ?? []
            if word.count + bytes.count > room() {
                close()
                text += "\r\n "
                column = 1
            }
            word += bytes
        }
        if !word.isEmpty { close() }
        return (text, column)
    }
}
