/// An address that mail can be sent to, in the form in which it is stored and compared: all in lower case, since no provider of today tells
/// `Ann@…` from `ann@…`, and people do.
package enum EmailAddress {
    /// RFC 5321 section 4.5.3.1, and what fits a path of 256 with its brackets.
    package static let maximumLength = 254

    /// Nil for what is no address of ASCII letters: a dot-atom, `@`, and a domain of at least two labels, or `localhost`.
    package static func canonical(_ text: String) -> String? {
        // Lower case makes ASCII letters of some that are none.
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let lower = text.lowercased()
        let parts = lower.split(separator: "@", omittingEmptySubsequences: false)
        guard lower.utf8.count <= maximumLength, parts.count == 2, (1...64).contains(parts[0].utf8.count) else { return nil }
        let atoms = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard atoms.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isAtomText) }) else { return nil }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2 || parts[1] == "localhost", labels.allSatisfy(isLabel) else { return nil }
        return lower
    }

    private static func isAtomText(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
        }
    }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
                default: false
                }
            }
    }
}
