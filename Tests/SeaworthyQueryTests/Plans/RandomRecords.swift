import SeaworthySchema
import SeededNumbers

extension SplitMix {
    mutating func number(_ range: Range<Int>) -> Int {
        Int.random(in: range, using: &self)
    }

    mutating func chance(_ percent: Int) -> Bool {
        number(0..<100) < percent
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[number(0..<elements.count)]
    }
}

/// Records of one entity with few distinct values, so that random filters meet them often.
struct RandomRecords {
    /// Nullable of every form, two of the same type to compare with each other, and an awkward column name.
    static let entity = Entity(
        name: "Sample", table: "sample \"rows\"", path: "samples", key: [0],
        fields: [
            Field(name: "id", column: "id", type: .integer),
            Field(name: "a", column: "first text", type: .string, searchWeight: 3),
            Field(name: "b", column: "b\"", type: .text, isRequired: true, searchWeight: 2),
            Field(name: "n", column: "n", type: .integer),
            Field(name: "m", column: "m", type: .integer, isRequired: true),
            Field(name: "x", column: "x", type: .double),
            Field(name: "money", column: "select", type: .decimal(precision: 9, scale: 2)),
            Field(name: "flag", column: "flag", type: .boolean),
            Field(name: "at", column: "at", type: .timestamp),
            Field(name: "tags", column: "tags", type: .array(.string)),
            Field(name: "numbers", column: "numbers", type: .array(.integer)),
            Field(name: "raw", column: "raw", type: .bytes),
            Field(name: "day", column: "day", type: .date),
        ])

    static let texts = [
        "", "a", "A", "ab", "AB", "aB", "straße", "STRASSE", "Straße", "ss", "ß", "Σ", "σ", "ς", "ΟΔΟΣ", "οδος", "caf\u{E9}", "cafe\u{301}",
        "CAF\u{C9}", "CAFE\u{301}", "😀", "a😀b", "\u{FF5E}", "é", "e\u{301}", "e", "%", "_", "a%b_c", "'", "\"", "\\", "ﬁ", "FI", "i", "I",
        "ı",
        "İ", " ", "a b", "\u{1F1E9}\u{1F1EA}", "z",
    ]

    var random: SplitMix

    init(seed: UInt64) {
        random = SplitMix(seed: seed)
    }

    mutating func value(_ field: Int) -> Value {
        switch Self.entity.fields[field].type {
        case .string, .text: .text(random.pick(Self.texts))
        case .integer, .decimal: .integer(Int64(random.number(-3..<4)))
        case .double: .double(random.pick([-1.5, -0.0, 0, 0.1, 0.30000000000000004, 1, 1e21]))
        case .boolean: .integer(Int64(random.number(0..<2)))
        case .timestamp: .integer(random.pick([-1, 0, 1, 1_720_096_245_678_901]))
        case .array(.string): .text(JSONValue.array((0..<random.number(0..<4)).map { _ in .string(random.pick(Self.texts)) }).compactText)
        case .array: .text(JSONValue.array((0..<random.number(0..<4)).map { _ in .number(String(random.number(-2..<3))) }).compactText)
        case .bytes: .bytes(random.pick([[], [0], [0, 1], [0xFF], [0x61]]))
        case .date: .text(random.pick(["2024-02-29", "1999-12-31", "0001-01-01"]))
        default: .null
        }
    }

    mutating func record(_ id: Int) -> [Value] {
        Self.entity.fields.indices.map { field in
            if field == 0 { return .integer(Int64(id)) }
            if !Self.entity.fields[field].isRequired, random.chance(25) { return .null }
            return value(field)
        }
    }

    mutating func filter(depth: Int) -> Filter {
        if depth > 0, random.chance(60) {
            switch random.number(0..<5) {
            case 0, 1: return .all((0..<random.number(0..<4)).map { _ in filter(depth: depth - 1) })
            case 2, 3: return .any((0..<random.number(0..<4)).map { _ in filter(depth: depth - 1) })
            default: return .not(filter(depth: depth - 1))
            }
        }
        let field = random.number(0..<Self.entity.fields.count)
        let comparison = random.pick([Filter.Comparison.equals, .not, .gt, .gte, .lt, .lte])
        switch random.number(0..<6) {
        case 0: return .compare(field: FieldPath(field), comparison, .value(value(field)))
        case 1: return .compare(field: random.pick([1, 2]), comparison, .field(random.pick([1, 2])))
        case 2: return .isNull(field: FieldPath(field), random.chance(50))
        case 3: return .isIn(field: FieldPath(field), (0..<random.pick([0, 1, 2, 3, 4, 5, 9])).map { _ in value(field) })
        case 4:
            let text = random.pick(Self.texts + ["b", "ASS", "aß", "😀b"])
            return .text(
                field: random.pick([1, 2]), random.pick([.contains, .startsWith, .endsWith]), text,
                random.chance(50) ? .sensitive : .insensitive)
        default:
            return random.chance(50)
                ? .has(field: 9, .text(random.pick(Self.texts))) : .has(field: 10, .integer(Int64(random.number(-2..<3))))
        }
    }

    /// One to four fields in random directions.
    mutating func sort(_ fields: [Int]) -> [SortOrder] {
        fields.shuffled(using: &random).prefix(random.number(1..<5)).map { ($0, random.chance(50)) }
    }

    typealias SortOrder = (field: Int, isDescending: Bool)
}
