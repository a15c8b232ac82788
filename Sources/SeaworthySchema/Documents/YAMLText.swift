/// Values as one line of YAML that reads back as the same JSON.
enum YAMLText {
    static func flow(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let digits): digits
        case .string(let text): scalar(text)
        case .array(let elements): list(elements.map(flow))
        case .object(let object): mapping(object.members.map { ($0.name, flow($0.value)) })
        }
    }

    static func list(_ elements: [String]) -> String { "[\(elements.joined(separator: ", "))]" }

    static func mapping(_ members: [(String, String)]) -> String {
        members.isEmpty ? "{}" : "{ \(members.map { "\(scalar($0.0)): \($0.1)" }.joined(separator: ", ")) }"
    }

    /// A text without quotes where no reader of YAML takes it for anything else; between single ones otherwise, and between double ones
    /// where it holds what cannot be seen.
    static func scalar(_ text: String) -> String {
        if isPlain(text) { return text }
        if text.unicodeScalars.allSatisfy(isPrintable) { return "'\(text.replacing("'", with: "''"))'" }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case _ where isPrintable(scalar): quoted.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                let width = scalar.value > 0xFFFF ? 8 : 4
                quoted += (width == 8 ? "\\U" : "\\u") + String(repeating: "0", count: width - digits.count) + digits
            }
        }
        return quoted + "\""
    }

    /// What YAML 1.1 takes for booleans and null, which some tools still read.
    private static let otherWords: Set<String> = ["true", "false", "yes", "no", "on", "off", "null"]

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, isLetter(first), !otherWords.contains(text.lowercased()) else { return false }
        return text.unicodeScalars.allSatisfy { isLetter($0) || ("0"..."9").contains($0) || $0 == "-" || $0 == "." || $0 == "$" }
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_" || (scalar == "$")
    }

    /// The signs that stand for themselves between single quotes (https://yaml.org/spec/1.2.2/#51-character-set), without line breaks.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }
}
