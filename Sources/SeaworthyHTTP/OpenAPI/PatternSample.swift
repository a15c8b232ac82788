/// A short text that a pattern probably matches: the first of every choice, repeated as little as may be.
///
/// Not a second reader of patterns: what it makes is tried on the pattern itself, and left out where it does not match.
struct PatternSample {
    private var rest: Substring.UnicodeScalarView
    /// How often what may be left out or repeated without end stands.
    private let optionalCount: Int

    /// The longest text that is made.
    private static let maximumLength = 200

    static func texts(of pattern: String) -> [String] {
        [1, 0].compactMap { count in
            var sample = PatternSample(rest: Substring(pattern).unicodeScalars, optionalCount: count)
            let text = sample.choice()
            return sample.rest.isEmpty ? text : nil
        }
    }

    /// The first alternative, with the others read over.
    private mutating func choice() -> String? {
        var first: String?
        repeat {
            guard let text = sequence() else { return nil }
            first = first ?? text
        } while take("|")
        return first
    }

    private mutating func sequence() -> String? {
        var text = ""
        while let scalar = rest.first, scalar != "|", scalar != ")" {
            guard let atom = atom(), let count = repetitions(), text.count + atom.count * count <= Self.maximumLength else { return nil }
            text += String(repeating: atom, count: count)
        }
        return text
    }

    private mutating func atom() -> String? {
        guard let scalar = rest.popFirst() else { return nil }
        switch scalar {
        case "^", "$": return ""
        case ".": return "a"
        case "[": return set()
        case "(":
            if take("?"), !take(":") { return nil }
            guard let text = choice(), take(")") else { return nil }
            return text
        case "\\": return escape()
        default: return String(Character(scalar))
        }
    }

    private mutating func escape() -> String? {
        guard let scalar = rest.popFirst() else { return nil }
        switch scalar {
        case "d": return "0"
        case "w": return "a"
        case "s": return " "
        case "D", "W", "S", "b", "B", "p", "P", "u", "x", "c", "n", "r", "t", "f", "v": return nil
        default: return String(Character(scalar))
        }
    }

    /// The first member of a set, with the others read over; none of an inverted one.
    private mutating func set() -> String? {
        guard rest.first != "^" else { return nil }
        var first: String?
        while let scalar = rest.first, scalar != "]" {
            rest.removeFirst()
            let member = scalar == "\\" ? escape() : String(Character(scalar))
            first = first ?? member
        }
        return take("]") ? first : nil
    }

    private mutating func repetitions() -> Int? {
        defer { if rest.first == "?" { rest.removeFirst() } }
        switch rest.first {
        case "*", "?":
            rest.removeFirst()
            return optionalCount
        case "+":
            rest.removeFirst()
            return 1
        case "{":
            guard let end = rest.firstIndex(of: "}") else { return nil }
            let bounds = String(rest[..<end].dropFirst()).split(separator: ",")
            rest = rest[rest.index(after: end)...]
            guard let least = bounds.first.flatMap({ Int($0) }), least <= Self.maximumLength else { return nil }
            return bounds.count == 2 && least == 0 ? optionalCount : least
        default: return 1
        }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard rest.first == scalar else { return false }
        rest.removeFirst()
        return true
    }
}
