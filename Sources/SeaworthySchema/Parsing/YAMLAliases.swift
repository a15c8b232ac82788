/// Bounds what aliases can cost before the text is composed.
///
/// Composing shares what an alias stands for, so values cost nothing until ``YAMLReader`` walks them and counts. Keys are compared
/// while composing, and a key that is an alias or a collection is compared in full: that grows with three to the power of a third of
/// the number of aliases.
enum YAMLAliases {
    /// Aliases in a file.
    static let maximumCount = 1000
    /// Aliases in a file that also seems to have a key that is no plain text.
    static let maximumCountWithOddKeys = 24

    /// The place of the first alias beyond what is allowed. Quotes and comments are not told apart, so it may count too many.
    static func unboundedPlace(in text: String) -> SourcePlace? {
        var scan = Scan()
        for byte in text.utf8 { scan.take(byte) }
        if scan.aliases.count > maximumCount { return scan.aliases[maximumCount] }
        if scan.hasOddKey, scan.aliases.count > maximumCountWithOddKeys { return scan.aliases[maximumCountWithOddKeys] }
        return nil
    }

    private struct Scan {
        var aliases: [SourcePlace] = []
        var hasOddKey = false
        private var place = SourcePlace(line: 1, column: 0)
        private var previous = UInt8(ascii: "\n")
        /// Since the last byte that was no space: an alias, or the end of a collection.
        private var isAfterOddNode = false
        private var isInAlias = false

        mutating func take(_ byte: UInt8) {
            // Continuation bytes of UTF-8 begin no character.
            if byte & 0xC0 != 0x80 { place.column += 1 }
            let isAtStart = Self.separators.contains(previous)
            switch byte {
            case UInt8(ascii: "*") where isAtStart:
                aliases.append(place)
                isInAlias = true
            case UInt8(ascii: "?") where isAtStart: hasOddKey = true
            case UInt8(ascii: ":") where isAfterOddNode || isInAlias: hasOddKey = true
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                isAfterOddNode = true
                isInAlias = false
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
                isAfterOddNode = isAfterOddNode || isInAlias
                isInAlias = false
            case UInt8(ascii: "\n"):
                isAfterOddNode = isAfterOddNode || isInAlias
                isInAlias = false
                place = SourcePlace(line: place.line + 1, column: 0)
            default: isAfterOddNode = false
            }
            previous = byte
        }

        private static let separators: [UInt8] = Array(" \t\r\n[]{},:?-".utf8)
    }
}
