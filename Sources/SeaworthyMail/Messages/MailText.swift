package import SeaworthySchema

/// A mail as it goes over the wire: RFC 5322, with lines of at most 998 bytes that end with CRLF, in ASCII.
package struct MailText: Sendable, Hashable {
    /// In bytes of UTF-8.
    package static let maximumSubjectBytes = 998
    /// In bytes of UTF-8.
    package static let maximumTextBytes = 1_048_576

    package let bytes: [UInt8]

    /// - Parameters:
    ///   - to: at least one.
    ///   - id: what stands before the sender's domain in Message-ID.
    ///   - time: microseconds since 1970, in UTC.
    /// - Throws: ``MailError`` `invalidMessage` for control characters anywhere (they could begin another header field, and are refused
    ///   rather than taken away) and for what is too long.
    package init(subject: String, text: String, from: MailSender, to: [MailAddress], id: String, time: Int64) throws(MailError) {
        guard !Self.hasControls(subject) else { throw Self.invalid("the subject has a control character", "hand in one line of text") }
        guard subject.utf8.count <= Self.maximumSubjectBytes else {
            throw Self.invalid("the subject has more than \(Self.maximumSubjectBytes) bytes", "shorten it")
        }
        guard !Self.hasControls(text, besides: ["\n", "\t"]) else {
            throw Self.invalid("the text has a control character other than line feed and tab", "end lines with a line feed alone")
        }
        guard text.utf8.count <= Self.maximumTextBytes else {
            throw Self.invalid("the text has more than \(Self.maximumTextBytes) bytes", "shorten it")
        }
        guard OutgoingMail.isID(id) else { throw Self.invalid("the id has other characters than a Message-ID takes", "hand in none") }
        var head = "Date: \(MailDate(time).header)\r\n"
        head += HeaderText.mailbox("From", from)
        head += HeaderText.addresses("To", to)
        head += HeaderText.unstructured("Subject", subject)
        head += "Message-ID: <\(id)@\(from.address.domain)>\r\n"
        head += "MIME-Version: 1.0\r\n"
        head += "Content-Type: text/plain; charset=utf-8\r\n"
        // As it is where it may be, so that a file of it can be read, and a link in it copied.
        let isPlain = Self.isPlain(text)
        head += "Content-Transfer-Encoding: \(isPlain ? "7bit" : "quoted-printable")\r\n"
        // RFC 3834: so that no holiday notice answers it.
        head += "Auto-Submitted: auto-generated\r\n\r\n"
        bytes = Array(head.utf8) + (isPlain ? Array(text.replacing("\n", with: "\r\n").utf8) : QuotedPrintable.encoded(text))
    }

    /// Whether a text goes over the wire unchanged (RFC 5322 section 2.1.1): ASCII in lines of at most 998 bytes, of which no server takes
    /// anything away.
    private static func isPlain(_ text: String) -> Bool {
        text.hasSuffix("\n")
            && text.utf8.split(separator: UInt8(ascii: "\n")).allSatisfy { line in
                line.count <= 998 && line.allSatisfy { $0 < 0x7F } && line.last != UInt8(ascii: " ") && line.last != UInt8(ascii: "\t")
                    && !line.starts(with: "From ".utf8) && line.first != UInt8(ascii: ".")
            }
    }

    /// Whether there is a control character of ASCII or of Latin-1 (C0, DEL, C1), or one of Unicode's own line ends.
    static func hasControls(_ text: String, besides allowed: Set<Unicode.Scalar> = []) -> Bool {
        text.unicodeScalars.contains { scalar in
            switch scalar.value {
            case 0...0x1F, 0x7F...0x9F, 0x2028, 0x2029: !allowed.contains(scalar)
            default: false
            }
        }
    }

    private static func invalid(_ message: String, _ fix: String) -> MailError {
        MailError(.invalidMessage, message, fix: fix)
    }
}
