import SeaworthySchema

/// The types of the fields of the schema that was last applied to a database, read from its canonical JSON: of a table that this server made
/// they tell what its columns do not, as the digits of a decimal that is kept as an integer.
struct StoredTypes {
    private var types: [String: FieldType] = [:]

    init(_ canonical: String?) {
        guard let canonical, let json = try? JSONParser.parse(canonical), case .object(let schema) = json,
            case .array(let entities)? = schema["entities"]
        else { return }
        for case .object(let entity) in entities {
            guard case .string(let table)? = entity["table"], case .array(let fields)? = entity["fields"] else { continue }
            let schema = if case .string(let name)? = entity["dbSchema"] { name + "." } else { "" }
            for case .object(let field) in fields {
                guard case .string(let column)? = field["column"], let type = field["type"].flatMap(Self.type) else { continue }
                types[Self.place(schema + table, column)] = type
            }
        }
    }

    /// Nil when the column was not in it.
    func type(table: String, column: String) -> FieldType? {
        types[Self.place(table, column)]
    }

    private static func place(_ table: String, _ column: String) -> String {
        table.lowercased() + "\0" + column.lowercased()
    }

    private static func type(_ json: JSONValue) -> FieldType? {
        guard case .object(let object) = json, case .string(let name)? = object["type"] else { return nil }
        func number(_ name: String) -> Int? { if case .number(let digits)? = object[name] { Int(digits) } else { nil } }
        switch name {
        case "decimal":
            guard let precision = number("precision"), let scale = number("scale") else { return nil }
            return .decimal(precision: precision, scale: scale)
        case "enum":
            guard case .array(let values)? = object["values"] else { return nil }
            return .enum(values.compactMap { if case .string(let text) = $0 { text } else { nil } })
        case "array": return object["items"].flatMap(type).map(FieldType.array)
        default: return FieldType.plain(named: name)
        }
    }
}
