package import SeaworthySchema

/// A mail that is ready to go: checked, written, and with the addresses of its envelope. Printed or reflected it shows its id only.
package struct OutgoingMail: Sendable, CustomStringConvertible, CustomReflectable {
    /// What RFC 5321 section 4.5.3.1.8 lets every server take at once.
    package static let maximumRecipients = 100

    /// Letters, digits and hyphens, at most 64; 128 random bits as they are made here. Stays the same over attempts, also in Message-ID.
    package let id: String
    /// When it was made, in microseconds since 1970.
    package let time: Int64
    package let from: MailAddress
    /// Without doubles.
    package let to: [MailAddress]
    package let text: MailText

    /// - Throws: ``MailError`` `invalidAddress`, `invalidMessage`.
    package init(_ message: MailMessage, from: MailSender, id: String = OutgoingMail.makeID(), time: Int64) throws(MailError) {
        var to: [MailAddress] = []
        for text in message.to {
            let address: MailAddress
            do {
                address = try MailAddress(text)
            } catch {
                throw MailError(.invalidAddress, "an address to send to \(error.detail)", fix: "check addresses with MailAddress first")
            }
            if !to.contains(address) { to.append(address) }
        }
        guard (1...Self.maximumRecipients).contains(to.count) else {
            throw MailError(
                .invalidMessage, "a mail to \(to.count) addresses", fix: "send to between 1 and \(Self.maximumRecipients) addresses")
        }
        self.id = id
        self.time = time
        self.from = from.address
        self.to = to
        text = try MailText(subject: message.subject, text: message.text, from: from, to: to, id: id, time: time)
    }

    package static func makeID() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    static func isID(_ text: String) -> Bool {
        text.wholeMatch(of: /[A-Za-z0-9-]{1,64}/) != nil
    }

    /// The domains it goes to, for the log: three at most.
    package var domains: String {
        var domains: [String] = []
        for address in to where !domains.contains(address.domain) { domains.append(address.domain) }
        return domains.prefix(3).joined(separator: " ") + (domains.count > 3 ? " …" : "")
    }

    package var description: String { "mail \(id)" }
    package var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}
