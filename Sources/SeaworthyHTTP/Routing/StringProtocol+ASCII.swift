extension StringProtocol {
    /// Compares as HTTP compares field names: bytes, with ASCII letters folded.
    func isEqualIgnoringASCIICase(to other: some StringProtocol) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        return zip(utf8, other.utf8).allSatisfy { left, right in
            left == right || (left | 0x20 == right | 0x20 && (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(left | 0x20))
        }
    }

    /// Without spaces and tabs at both ends: OWS of RFC 9110, 5.6.3.
    func trimmingOptionalWhitespace() -> SubSequence {
        func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else {
            return self[endIndex...]
        }
        return self[first...last]
    }
}
