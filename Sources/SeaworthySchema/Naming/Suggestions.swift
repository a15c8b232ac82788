extension Collection<String> {
    /// The known name that was probably meant: within two edits, or the first that starts with what was written.
    package func nearest(to name: String) -> String? {
        guard name.utf8.count <= 64 else { return nil }
        let candidates = map { ($0, $0.editDistance(to: name)) }.filter { $0.1 <= 2 && $0.1 < Swift.max($0.0.count, name.count) }
        if let best = candidates.min(by: { $0.1 < $1.1 }) { return best.0 }
        guard name.count >= 3 else { return nil }
        return first { $0.lowercased().hasPrefix(name.lowercased()) }
    }
}

extension String {
    /// How many single-character insertions, deletions and replacements lead from one text to the other (Levenshtein), case folded.
    package func editDistance(to other: String) -> Int {
        let from = Array(lowercased().unicodeScalars)
        let to = Array(other.lowercased().unicodeScalars)
        var row = Array(0...to.count)
        for (i, scalar) in from.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, target) in to.enumerated() {
                let replaced = diagonal + (scalar == target ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = Swift.min(replaced, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[to.count]
    }

    /// The text as one token of a JSON Pointer (RFC 6901 section 3).
    package var jsonPointerEscaped: String {
        guard utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return self }
        // By scalars: a combining mark would hide the sign before it within one character.
        return unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    /// The text's beginning, for a message: what a client sent may be long.
    package var excerpt: String {
        unicodeScalars.count <= 60 ? self : String(String.UnicodeScalarView(unicodeScalars.prefix(60))) + "…"
    }
}
