/// Reads the type of one field with what belongs to it: digits, values, elements.
struct TypeReader {
    /// The most values of an enum, and the most characters of each.
    static let largestEnum = 200

    let section: DeclaredSection
    let log: ProblemLog

    /// Nil when the type cannot be known, which is reported.
    func type() -> FieldType? {
        guard let name = section.text("type") else { return nil }
        if name == "array" {
            guard let items = section.text("items") else {
                if !section.has("items") { missing("items", of: "an array", example: "items: string") }
                return nil
            }
            return scalar(items).map(FieldType.array)
        }
        return scalar(name)
    }

    private func scalar(_ name: String) -> FieldType? {
        switch name {
        case "decimal": decimal()
        case "enum": enumeration()
        default: FieldType.plain(named: name)
        }
    }

    private func decimal() -> FieldType? {
        for key in ["precision", "scale"] where !section.has(key) { missing(key, of: "a decimal", example: "precision: 12, scale: 2") }
        guard let precision = section["precision"]?.integer, let scale = section["scale"], let digits = scale.integer else { return nil }
        guard digits <= precision else {
            log.report(
                .contradiction, at: scale.place, path: scale.path,
                "The scale «\(digits)» is more than the precision, which is \(precision).",
                fix: "write at most \(precision): the precision counts all digits.")
            return nil
        }
        return .decimal(precision: precision, scale: digits)
    }

    private func enumeration() -> FieldType? {
        guard let list = section["values"] else {
            if !section.has("values") { missing("values", of: "an enum", example: "values: [open, closed]") }
            return nil
        }
        var values: [String] = []
        var isWhole = true
        for element in list.elements {
            guard let value = element.text else { continue }
            guard !value.isEmpty, value.unicodeScalars.count <= Self.largestEnum, !value.unicodeScalars.contains("\0") else {
                isWhole = false
                log.report(
                    .invalidValues, at: element.place, path: element.path,
                    "«\(value.lineExcerpt)» has \(value.unicodeScalars.count) characters or a U+0000.",
                    fix: "use 1 to \(Self.largestEnum) characters.")
                continue
            }
            guard !values.contains(where: value.hasSameBytes) else {
                isWhole = false
                log.report(
                    .duplicateEntry, at: element.place, path: element.path, "«\(value.lineExcerpt)» stands twice.", fix: "name it once.")
                continue
            }
            values.append(value)
        }
        guard list.elements.count <= Self.largestEnum else {
            log.report(
                .invalidValues, at: list.place, path: list.path, "The enum has \(list.elements.count) values.",
                fix: "use at most \(Self.largestEnum), or an entity of its own and `references`.")
            return nil
        }
        return isWhole ? .enum(values) : nil
    }

    private func missing(_ key: String, of kind: String, example: String) {
        log.report(
            .missingKey, at: section.place, path: section.path, "The key «\(key)» is missing: \(kind) needs it.", fix: "add `\(example)`.")
    }
}

extension FieldType {
    /// The type that a word alone stands for; nil for those that need more, and for words that name none.
    package static func plain(named name: String) -> FieldType? {
        switch name {
        case "string": .string
        case "text": .text
        case "email": .email
        case "url": .url
        case "integer": .integer
        case "bigint": .bigint
        case "double": .double
        case "boolean": .boolean
        case "date": .date
        case "timestamp": .timestamp
        case "uuid": .uuid
        case "json": .json
        case "bytes": .bytes
        default: nil
        }
    }
}
