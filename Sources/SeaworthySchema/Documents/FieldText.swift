/// What is declared of a field, in words.
struct FieldText {
    let entity: Entity
    let index: Int

    private var field: Field { entity.fields[index] }

    var type: String { Self.text(field.type) }

    private static func text(_ type: FieldType) -> String {
        switch type {
        case .decimal(let precision, let scale): "decimal (\(precision) digits, \(scale) after the point)"
        case .enum(let values): "enum: \(MarkdownText.codes(values))"
        case .array(let element): "array of \(text(element))"
        default: type.name
        }
    }

    /// Keys are always required.
    var isRequired: Bool { !entity.isNullable(index) }

    var defaultValue: String {
        switch field.defaultValue {
        case nil: ""
        case .now: "now"
        case .value(let value): MarkdownText.code(field.type.json(value).compactText)
        }
    }

    /// The lengths and values that are allowed: `1 to 5 characters`, `at least 0`.
    var bounds: String {
        let unit =
            switch field.type {
            case .bytes: "bytes"
            case .array: "elements"
            default: "characters"
            }
        let length = range(field.minLength.map(String.init), field.maxLength.map(String.init)).map { "\($0) \(unit)" }
        let values = range(field.minimum.map(plain), field.maximum.map(plain))
        return [length, values].compactMap { $0 }.joined(separator: ", ")
    }

    private func range(_ least: String?, _ most: String?) -> String? {
        switch (least, most) {
        case (nil, nil): nil
        case (let least?, nil): "at least \(least)"
        case (nil, let most?): "at most \(most)"
        case (let least?, let most?): least == most ? "exactly \(least)" : "\(least) to \(most)"
        }
    }

    private func plain(_ value: Value) -> String {
        let json = field.type.json(value)
        if case .string(let text) = json { return text }
        return json.compactText
    }

    var pattern: String { field.pattern.map { MarkdownText.code($0.source) } ?? "" }

    /// What else holds: key, unique, index, search, read-only, generated, another name in the table.
    var notes: String {
        var notes: [String] = []
        if entity.key.contains(index) { notes.append(entity.key.count > 1 ? "part of the key" : "key") }
        if field.isGenerated { notes.append("generated") }
        if field.isReadOnly { notes.append("read-only") }
        if entity.unique.contains([index]) { notes.append("unique") }
        if entity.indexes.contains([index]) { notes.append("index") }
        if let weight = field.searchWeight { notes.append("search \(weight)") }
        if !field.column.hasSameBytes(as: field.name) { notes.append("column \(MarkdownText.code(field.column))") }
        return notes.joined(separator: ", ")
    }

    var description: String { field.description.map(MarkdownText.prose) ?? "" }
}
