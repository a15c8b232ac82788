extension StringProtocol {
    /// Compares as HTTP compares field names: bytes, with ASCII letters folded.
    func isEqualIgnoringASCIICase(to other: some StringProtocol) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        return zip(utf8, other.utf8).allSatisfy { left, right in
            left == right || (left | 0x20 == right | 0x20 && (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(left | 0x20))
        }
    }

    /// Without spaces and tabs at both ends: OWS of RFC 9110, 5.6.3.
    func trimmingOptionalWhitespace() -> Substring {
        let text = Substring(self)
        func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        guard let first = text.utf8.firstIndex(where: { !isSpace($0) }), let last = text.utf8.lastIndex(where: { !isSpace($0) }) else {
            return text[text.endIndex...]
        }
        return text[first..<text.utf8.index(after: last)]
    }

    /// What stands between these characters, trimmed, as in a list (RFC 9110, 5.6.1); also what is empty.
    ///
    /// By bytes: a character of Unicode may take the separator to itself, or be equal to it, and is neither in HTTP.
    func elements(separatedBy separator: Unicode.Scalar) -> [Substring] {
        Substring(self).utf8.split(separator: UInt8(ascii: separator), omittingEmptySubsequences: false)
            .map { Substring($0).trimmingOptionalWhitespace() }
    }
}
