/// Reads a pattern (ECMA-262, section 22.2.1, without what ``Pattern`` leaves out) into a program.
struct PatternParser {
    private indirect enum Node {
        case empty
        case scalar(ScalarSet)
        case start, end
        case sequence([Node])
        case choice(Node, Node)
        /// At least `minimum` times, at most `maximum` times; nil is without end.
        case repeated(Node, minimum: Int, maximum: Int?)
    }

    private typealias Instruction = PatternProgram.Instruction

    /// The deepest nesting of groups.
    private static let maximumDepth = 50

    private let scalars: [Unicode.Scalar]
    private var position = 0

    static func parse(_ source: String) throws(PatternError) -> PatternProgram {
        var parser = PatternParser(scalars: Array(source.unicodeScalars))
        let node = try parser.choice(depth: 0)
        guard parser.position == parser.scalars.count else { throw parser.error("a closing parenthesis has no opening one") }
        var instructions: [Instruction] = []
        try emit(node, to: &instructions)
        instructions.append(.match)
        return PatternProgram(instructions: instructions)
    }

    private init(scalars: [Unicode.Scalar]) {
        self.scalars = scalars
    }

    // MARK: Reading

    private func error(_ text: String) -> PatternError {
        PatternError(description: "\(text), at character \(position + 1)")
    }

    private var current: Unicode.Scalar? {
        position < scalars.count ? scalars[position] : nil
    }

    private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard current == scalar else { return false }
        position += 1
        return true
    }

    private mutating func choice(depth: Int) throws(PatternError) -> Node {
        guard depth <= Self.maximumDepth else { throw error("groups are nested deeper than \(Self.maximumDepth) levels") }
        var node = try sequence(depth: depth)
        while skip("|") { node = .choice(node, try sequence(depth: depth)) }
        return node
    }

    private mutating func sequence(depth: Int) throws(PatternError) -> Node {
        var parts: [Node] = []
        while let scalar = current, scalar != "|", scalar != ")" {
            let atom = try atom(depth: depth)
            parts.append(try quantified(atom))
        }
        return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
    }

    private mutating func atom(depth: Int) throws(PatternError) -> Node {
        guard let scalar = current else { return .empty }
        switch scalar {
        case "*", "+", "?", "{":
            throw error("nothing stands before «\(scalar)» that could be repeated; write \\\(scalar) for the character")
        case "^":
            position += 1
            return .start
        case "$":
            position += 1
            return .end
        case ".":
            position += 1
            return .scalar(.anyButLineEnds)
        case "[": return .scalar(try set())
        case "(":
            position += 1
            if skip("?"), !skip(":") { throw error("look-around and named groups are not supported") }
            let node = try choice(depth: depth + 1)
            guard skip(")") else { throw error("a parenthesis is not closed") }
            return node
        case "\\": return .scalar(try escape(inSet: false))
        default:
            position += 1
            return .scalar(ScalarSet(scalar))
        }
    }

    private mutating func quantified(_ atom: Node) throws(PatternError) -> Node {
        let bounds: (Int, Int?)
        switch current {
        case "*": bounds = (0, nil)
        case "+": bounds = (1, nil)
        case "?": bounds = (0, 1)
        case "{":
            position += 1
            guard let minimum = number() else { throw error("a number must follow «{»; write \\{ for the character") }
            var maximum: Int? = minimum
            if skip(",") { maximum = number() }
            guard current == "}" else { throw error("«{» is not closed") }
            if let maximum, maximum < minimum { throw error("the second number is less than the first") }
            bounds = (minimum, maximum)
        default: return atom
        }
        position += 1
        // Whether it takes as few as it can decides nothing about whether there is a match.
        _ = skip("?")
        if let next = current, ["*", "+", "?", "{"].contains(next) { throw error("two repetitions follow each other") }
        switch atom {
        case .start, .end: throw error("an anchor cannot be repeated")
        default: return .repeated(atom, minimum: bounds.0, maximum: bounds.1)
        }
    }

    private mutating func number() -> Int? {
        var number: Int?
        while let scalar = current, let digit = Int(String(scalar)), scalar.isASCII {
            number = min((number ?? 0) * 10 + digit, PatternProgram.maximumInstructions + 1)
            position += 1
        }
        return number
    }

    private mutating func set() throws(PatternError) -> ScalarSet {
        position += 1
        let isInverted = skip("^")
        var set = ScalarSet()
        while let scalar = current, scalar != "]" {
            guard let first = try member(&set) else { continue }
            // A hyphen at the end is one.
            guard current == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                set.insert(first.value...first.value)
                continue
            }
            position += 1
            guard let last = try member(&set) else { throw error("a range ends in a class of characters") }
            guard first.value <= last.value else { throw error("a range ends before it begins") }
            set.insert(first.value...last.value)
        }
        guard skip("]") else { throw error("a bracket is not closed") }
        return isInverted ? set.inverted : set
    }

    /// One character of a set; nil when it was a class, which is added.
    private mutating func member(_ set: inout ScalarSet) throws(PatternError) -> Unicode.Scalar? {
        guard let scalar = current else { throw error("a bracket is not closed") }
        guard scalar == "\\" else {
            position += 1
            return scalar
        }
        if position + 1 < scalars.count, let named = ScalarSet(classNamed: scalars[position + 1]) {
            position += 2
            set.formUnion(named)
            return nil
        }
        return try escapedScalar(inSet: true)
    }

    private mutating func escape(inSet: Bool) throws(PatternError) -> ScalarSet {
        if position + 1 < scalars.count, let named = ScalarSet(classNamed: scalars[position + 1]) {
            position += 2
            return named
        }
        return ScalarSet(try escapedScalar(inSet: inSet))
    }

    private mutating func escapedScalar(inSet: Bool) throws(PatternError) -> Unicode.Scalar {
        position += 1
        guard let scalar = current else { throw error("a backslash stands at the end") }
        switch scalar {
        case "t":
            position += 1
            return "\t"
        case "n":
            position += 1
            return "\n"
        case "r":
            position += 1
            return "\r"
        case "f":
            position += 1
            return "\u{0C}"
        case "v":
            position += 1
            return "\u{0B}"
        case "x": return try hexadecimal(digits: 2)
        case "u": return try hexadecimal(digits: 4)
        case "b", "B", "p", "P", "k": throw error("\\\(scalar) is not supported")
        case "0"..."9": throw error("back references are not supported")
        default:
            guard !scalar.properties.isAlphabetic else { throw error("\\\(scalar) has no meaning") }
            position += 1
            return scalar
        }
    }

    private mutating func hexadecimal(digits: Int) throws(PatternError) -> Unicode.Scalar {
        position += 1
        let isBraced = digits == 4 && skip("{")
        let end = isBraced ? scalars[position...].firstIndex(of: "}") ?? scalars.count : position + digits
        guard end <= scalars.count, end > position, end - position <= 6, scalars[position..<end].allSatisfy(\.properties.isASCIIHexDigit),
            let value = UInt32(scalars[position..<end].map(String.init).joined(), radix: 16), let scalar = Unicode.Scalar(value)
        else { throw error("the hexadecimal digits of a character are wrong") }
        position = isBraced ? end + 1 : end
        guard position <= scalars.count else { throw error("a brace is not closed") }
        return scalar
    }

    // MARK: Writing

    private static func emit(_ node: Node, to instructions: inout [Instruction]) throws(PatternError) {
        guard instructions.count < PatternProgram.maximumInstructions else {
            throw PatternError(
                description: "the pattern is too large: repetitions counted, it has more than \(PatternProgram.maximumInstructions) steps")
        }
        switch node {
        case .empty: return
        case .scalar(let set): instructions.append(.scalar(set))
        case .start: instructions.append(.start)
        case .end: instructions.append(.end)
        case .sequence(let parts): for part in parts { try emit(part, to: &instructions) }
        case .choice(let first, let second):
            let split = instructions.count
            instructions.append(.jump(0))
            try emit(first, to: &instructions)
            let jump = instructions.count
            instructions.append(.jump(0))
            instructions[split] = .split(split + 1, instructions.count)
            try emit(second, to: &instructions)
            instructions[jump] = .jump(instructions.count)
        case .repeated(let part, let minimum, let maximum):
            for _ in 0..<minimum { try emit(part, to: &instructions) }
            guard let maximum else {
                let split = instructions.count
                instructions.append(.jump(0))
                try emit(part, to: &instructions)
                instructions.append(.jump(split))
                instructions[split] = .split(split + 1, instructions.count)
                return
            }
            var splits: [Int] = []
            for _ in minimum..<max(minimum, maximum) {
                splits.append(instructions.count)
                instructions.append(.jump(0))
                try emit(part, to: &instructions)
            }
            for split in splits { instructions[split] = .split(split + 1, instructions.count) }
        }
    }
}
