import SeaworthySchema

/// An entity with a field of every type, named after it.
let everyType = Schema(name: "t", entities: [sample]).entities[0]

private let sample = Entity(
    name: "Sample", table: "samples", path: "samples", key: [0],
    fields: [
        Field(name: "integer", column: "integer", type: .integer),
        Field(name: "bigint", column: "bigint", type: .bigint),
        Field(name: "double", column: "double", type: .double),
        Field(name: "decimal", column: "decimal", type: .decimal(precision: 9, scale: 2)),
        Field(name: "boolean", column: "boolean", type: .boolean),
        Field(name: "date", column: "date", type: .date),
        Field(name: "timestamp", column: "timestamp", type: .timestamp),
        Field(name: "uuid", column: "uuid", type: .uuid),
        Field(name: "string", column: "string", type: .string),
        Field(name: "text", column: "text", type: .text),
        Field(name: "email", column: "email", type: .email),
        Field(name: "url", column: "url", type: .url),
        Field(name: "enum", column: "enum", type: .enum(["open", "shipped"])),
        Field(name: "bytes", column: "bytes", type: .bytes),
        Field(name: "json", column: "json", type: .json),
        Field(name: "tags", column: "tags", type: .array(.string)),
        Field(name: "other", column: "other", type: .integer),
        Field(name: "secret", column: "secret", type: .string),
    ],
    references: [Reference(name: "parent", inverse: "children", target: "Sample", fields: [16])])

func index(_ name: String) -> FieldPath {
    FieldPath(everyType.fieldIndex(named: name) ?? -1)
}

/// What a filter was read as, and what was wrong with it as `code pointer`.
struct ReadFilter: Equatable {
    var filter: Filter
    var problems: [FilterProblem]

    init(_ json: JSONValue, author: FilterParser.Author = .client, hidden: Set<String> = []) {
        var parser = FilterParser(entity: everyType, author: author) { !hidden.contains(everyType.fields[$0].name) }
        filter = parser.parse(json)
        problems = parser.problems
    }

    init(_ brackets: [(name: String, text: String)]) {
        var parser = FilterParser(entity: everyType, author: .client)
        filter = parser.parse(
            brackets.map { name, text in
                let parts = name.split(separator: ".").map(String.init)
                return FilterParser.BracketItem(
                    field: parts[0], operatorName: parts.count > 1 ? parts[1] : nil, text: text, parameter: "filter[\(name)]")
            })
        problems = parser.problems
    }

    var codes: [String] {
        problems.map { $0.pointer.isEmpty ? $0.code : "\($0.code) \($0.pointer)" }
    }
}

func nested(_ levels: Int, _ wrap: (JSONValue) -> JSONValue, around json: JSONValue) -> JSONValue {
    (0..<levels).reduce(json) { json, _ in wrap(json) }
}
