/// The address of a person, as those who register have one: `local@domain`.
///
/// The local part is a dot-atom of ASCII (RFC 5322 section 3.2.3), at most 64 bytes; the domain is made of labels of letters, digits and
/// hyphens; both together are at most 254 bytes (RFC 5321 section 4.5.3.1, whose path of 256 has the brackets besides), so that the domain's
/// own bound of 255 is kept.
/// There are no quoted local parts, comments or address literals. A domain in another script is written in A-labels (`xn--…`).
/// Local parts beyond ASCII are refused: docs/decisions/0043-mail-by-libcurl.md.
///
/// Printed or reflected it shows the domain only, so that no log has a person's address by accident.
package struct MailAddress: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    package struct Problem: Error, Equatable {
        /// Goes on from the name of what was read: `has no @`. Nothing of the address stands in it.
        package let detail: String
    }

    package static let maximumBytes = 254
    private static let maximumLocalBytes = 64

    /// As it was written: only the domain's own server knows whether upper case means another person.
    package let localPart: String
    /// In lower case.
    package let domain: String

    /// The form in which addresses are compared, stored and written to: the domain in lower case.
    package var canonical: String { "\(localPart)@\(domain)" }

    /// - Throws: ``Problem``, which tells the first thing that is wrong.
    package init(_ text: String) throws(Problem) {
        guard text.utf8.count <= Self.maximumBytes else { throw Problem(detail: "is longer than \(Self.maximumBytes) bytes") }
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw Problem(detail: "has characters beyond ASCII; a domain may be written with xn--")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw Problem(detail: "has a space or a control character") }
        let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw Problem(detail: parts.count < 2 ? "has no @" : "has more than one @") }
        try Self.checkLocal(parts[0])
        try Self.checkDomain(parts[1])
        localPart = String(decoding: parts[0], as: UTF8.self)
        domain = String(decoding: parts[1], as: UTF8.self).lowercased()
    }

    private static func checkLocal(_ bytes: Substring.UTF8View) throws(Problem) {
        guard bytes.count <= maximumLocalBytes else { throw Problem(detail: "has more than \(maximumLocalBytes) bytes before the @") }
        for atom in bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard !atom.isEmpty else { throw Problem(detail: "has nothing before the @, or a dot at the begin, at the end or twice") }
            guard atom.allSatisfy(isAtomByte) else { throw Problem(detail: "has a character before the @ that may not stand there") }
        }
    }

    private static func checkDomain(_ bytes: Substring.UTF8View) throws(Problem) {
        let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        for label in labels {
            guard (1...63).contains(label.count) else { throw Problem(detail: "has a label of its domain that is empty or too long") }
            guard label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-"), label.allSatisfy({ isAlphanumeric($0) || $0 == 0x2D })
            else { throw Problem(detail: "has a domain with other characters than letters, digits and hyphens between them") }
        }
        // RFC 3696 section 2: the last label is never all digits, so what looks like an IPv4 address is none.
        guard let last = labels.last, !last.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw Problem(detail: "has a number as the last label of its domain")
        }
    }

    /// Whether a byte may stand in an atom: RFC 5322 section 3.2.3.
    package static func isAtomByte(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    package var description: String { "…@\(domain)" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
