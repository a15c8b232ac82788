import SeaworthySchema

/// A record of each entity, made from the schema alone: the same at every start, and one that the server takes.
struct OpenAPISamples {
    /// By the entity's position; nil where none was found.
    private(set) var records: [[Value]?]
    private let entities: [Entity]
    private var isVisited: [Bool]

    init(_ entities: [Entity]) {
        self.entities = entities
        records = Array(repeating: nil, count: entities.count)
        isVisited = Array(repeating: false, count: entities.count)
        for position in entities.indices { visit(position) }
    }

    /// Makes the records that this one refers to first.
    private mutating func visit(_ position: Int) {
        guard !isVisited[position] else { return }
        isVisited[position] = true
        for target in entities[position].references.compactMap({ self.position(of: $0) }) { visit(target) }
        records[position] = record(of: entities[position])
    }

    private func position(of reference: Reference) -> Int? {
        entities.firstIndex { $0.name.hasSameBytes(as: reference.target) }
    }

    private func record(of entity: Entity) -> [Value]? {
        var record = [Value?](repeating: nil, count: entity.fields.count)
        for reference in entity.references {
            guard let target = position(of: reference) else { return nil }
            let key = records[target].map { record in entities[target].key.map { record[$0] } }
            for (part, field) in reference.fields.enumerated() where record[field] == nil { record[field] = key?[part] ?? .null }
        }
        var values: [Value] = []
        for (index, field) in entity.fields.enumerated() {
            let isWanted = !entity.isNullable(index)
            guard let value = record[index] ?? Self.value(of: field), !(value.isNull && isWanted), (try? field.checkBounds(value)) != nil
            else { return nil }
            values.append(value)
        }
        return Self.meetingChecks(values, entity)
    }

    /// The record without what may be null, where it breaks a check with it.
    private static func meetingChecks(_ values: [Value], _ entity: Entity) -> [Value]? {
        let isValid = { (values: [Value]) in !entity.checks.contains { $0.filter.evaluate(values) == false } }
        if isValid(values) { return values }
        let least = values.enumerated().map { index, value in
            let field = entity.fields[index]
            return !entity.isNullable(index) || field.isGenerated || field.managed != nil || field.defaultValue != nil
                ? value : .null
        }
        return isValid(least) ? least : nil
    }

    // MARK: Values

    /// 2024-07-04T12:30:00Z in microseconds.
    private static let time: Int64 = 1_720_096_200_000_000
    private static let uuid = "01907ddf-6bc0-7000-8000-000000000001"

    /// A value of the field; nil where none was found.
    static func value(of field: Field) -> Value? {
        switch field.managed {
        case .createdAt, .updatedAt: return .integer(time)
        case .createdBy, .updatedBy, .deletedAt, .deletedBy: return .null
        case nil: break
        }
        if field.isGenerated { return field.type == .uuid ? .text(uuid) : .integer(1) }
        if case .value(let value)? = field.defaultValue { return value }
        if field.isReadOnly { return field.isRequired ? nil : .null }
        for candidate in candidates(field) {
            if let value = try? field.value(from: candidate) { return value }
        }
        return field.isRequired ? nil : .null
    }

    private static func candidates(_ field: Field) -> [JSONValue] {
        let bounds = [field.minimum, field.maximum].compactMap { $0.map(field.type.json) }
        switch field.type {
        case .string, .text: return texts(field)
        case .email: return ["someone@example.com"]
        case .url: return ["https://example.com/"]
        case .integer, .double: return [1] + bounds + [0]
        case .bigint, .decimal: return ["1"] + bounds + ["0"]
        case .boolean: return [false]
        case .date: return ["2024-07-04"] + bounds
        case .timestamp: return ["2024-07-04T12:30:00.000000Z"] + bounds
        case .uuid: return [.string(uuid)]
        case .enum(let values): return values.map(JSONValue.string)
        case .json: return [[:]]
        case .array(let element):
            guard let value = candidates(Field(name: field.name, column: field.column, type: element)).first else { return [] }
            return [.array(Array(repeating: value, count: max(1, field.minLength ?? 0)))]
        case .bytes:
            let count = field.minLength ?? 3
            return [.string(String(repeating: "AAAA", count: count / 3) + ["", "AA==", "AAA="][count % 3])]
        }
    }

    /// The field's name as words, in its bounds; or what the pattern begins with.
    private static func texts(_ field: Field) -> [JSONValue] {
        if let pattern = field.pattern { return PatternSample.texts(of: pattern.source).map(JSONValue.string) }
        var words = ""
        for character in field.name {
            if character.isUppercase, words.last?.isLowercase ?? false { words.append(" ") }
            words.append(
                words.isEmpty ? Character(character.uppercased()) : words.last == " " ? Character(character.lowercased()) : character)
        }
        while words.count < field.minLength ?? 0 { words += words }
        return [.string(String(words.prefix(field.maxLength ?? words.count)))]
    }
}
