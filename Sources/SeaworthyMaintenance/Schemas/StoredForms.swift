import SeaworthySchema

/// In which form the schema last applied kept each column, read from its canonical JSON. Two types may use one column type for different
/// things, as a scale of two and one of four do, so that the table alone does not tell.
struct StoredForms: Sendable {
    /// By table and column, in lower case.
    private var forms: [String: String] = [:]
    /// Columns by table and field, in lower case, and tables by entity.
    private var columns: [String: String] = [:]
    private var tables: [String: String] = [:]

    init(_ canonical: String?) {
        guard let canonical, let json = try? JSONParser.parse(canonical), case .object(let schema) = json,
            case .array(let entities)? = schema["entities"]
        else { return }
        for case .object(let entity) in entities {
            guard case .string(let table)? = entity["table"], case .array(let fields)? = entity["fields"] else { continue }
            var schema = ""
            if case .string(let name)? = entity["dbSchema"] { schema = name + "." }
            if case .string(let name)? = entity["name"] { tables[name] = table }
            for case .object(let field) in fields {
                guard case .string(let column)? = field["column"], let type = field["type"] else { continue }
                forms[Self.place(schema + table, column)] = Self.form(type)
                if case .string(let name)? = field["name"] { columns[Self.place(schema + table, name)] = column }
            }
        }
    }

    /// Nil when the column was not there, or nothing is known of it.
    ///
    /// - Parameter table: with the database's schema before it where the entity names one: ``Entity/tableTitle``.
    func form(table: String, column: String) -> String? {
        forms[Self.place(table, column)]
    }

    /// The column that a field of the table had; nil when there was none.
    func column(table: String, field: String) -> String? {
        columns[Self.place(table, field)]
    }

    /// The table that an entity had; nil when there was none.
    func table(entity: String) -> String? {
        tables[entity]
    }

    /// The form in which a field is kept: fields of one form can take each other's values.
    static func form(of field: Field) -> String {
        form(field.type)
    }

    private static func form(_ type: FieldType) -> String {
        switch type {
        case .string, .text, .email, .url, .enum: "text"
        case .integer, .bigint: "integer"
        case .decimal(_, let scale): "decimal of scale \(scale)"
        case .array(let element): "array of \(form(element))"
        default: type.name
        }
    }

    private static func form(_ type: JSONValue) -> String {
        guard case .object(let object) = type, case .string(let name)? = object["type"] else { return "?" }
        switch name {
        case "string", "text", "email", "url", "enum": return "text"
        case "integer", "bigint": return "integer"
        case "decimal":
            guard case .number(let scale)? = object["scale"] else { return "?" }
            return "decimal of scale \(scale)"
        case "array": return "array of \(object["items"].map(form) ?? "?")"
        default: return name
        }
    }

    private static func place(_ table: String, _ column: String) -> String {
        table.lowercased() + "\0" + column.lowercased()
    }
}
