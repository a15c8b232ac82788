/// A part of the schema file with its place. Scalars are read as YAML 1.2's core schema has them, except that only what JSON writes
/// as a number is one: `05021`, `1_000`, `0x1F` and `yes` are text, so no code or key changes its form unseen.
struct YAMLNode {
    indirect enum Content {
        case null
        case bool(Bool)
        /// The digits as they are written.
        case number(String)
        case text(String)
        case sequence([YAMLNode])
        case mapping([Member])
    }

    struct Member {
        var key: String
        var keyPlace: SourcePlace
        var value: YAMLNode
    }

    var content: Content
    var place: SourcePlace

    /// The content of a scalar that was written without quotes.
    static func plain(_ text: String) -> Content {
        switch text {
        case "", "~", "null", "Null", "NULL": .null
        case "true", "True", "TRUE": .bool(true)
        case "false", "False", "FALSE": .bool(false)
        default: isNumber(text) ? .number(text) : .text(text)
        }
    }

    private static func isNumber(_ text: String) -> Bool {
        guard let first = text.utf8.first, first == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first),
            let json = try? JSONParser.parse(text), case .number(let digits) = json
        else { return false }
        return digits.utf8.count == text.utf8.count
    }

    var text: String? {
        if case .text(let text) = content { text } else { nil }
    }

    var bool: Bool? {
        if case .bool(let flag) = content { flag } else { nil }
    }

    /// A whole number that fits.
    var integer: Int? {
        if case .number(let digits) = content { Int(digits) } else { nil }
    }

    var elements: [YAMLNode]? {
        if case .sequence(let elements) = content { elements } else { nil }
    }

    var members: [Member]? {
        if case .mapping(let members) = content { members } else { nil }
    }

    /// For messages: what stands there, cut when it is long.
    var described: String {
        switch content {
        case .null: "nothing"
        case .bool(let flag): "«\(flag)»"
        case .number(let digits): "the number «\(digits.lineExcerpt)»"
        case .text(let text): text.isEmpty ? "empty text" : "the text «\(text.lineExcerpt)»"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// For messages that go on with a verb: what stands there, as the beginning of a sentence.
    var subject: String {
        switch content {
        case .null: "Null"
        case .bool(let flag): "«\(flag)»"
        case .number(let text), .text(let text): "«\(text.lineExcerpt)»"
        case .sequence: "The list"
        case .mapping: "The mapping"
        }
    }

    /// The same as JSON. Members keep their order.
    var json: JSONValue {
        switch content {
        case .null: .null
        case .bool(let flag): .bool(flag)
        case .number(let digits): .number(digits)
        case .text(let text): .string(text)
        case .sequence(let elements): .array(elements.map(\.json))
        case .mapping(let members): .object(JSONObject(members.map { JSONObject.Member(name: $0.key, value: $0.value.json) }))
        }
    }
}

extension String {
    /// The text's beginning on one line, for a message.
    var lineExcerpt: String {
        String(excerpt.map { $0.isNewline ? " " : $0 })
    }
}
