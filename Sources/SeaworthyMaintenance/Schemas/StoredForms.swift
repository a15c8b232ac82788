import SeaworthySchema

/// The types of the columns of the schema last applied, and the form in which it kept each, read from its canonical JSON. Two types may use one
/// column type for different things, as a scale of two and one of four do, so that the table alone does not tell.
struct StoredForms: Sendable {
    /// By table and column, in lower case.
    private var types: [String: FieldType] = [:]
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
                guard case .string(let column)? = field["column"], let type = field["type"].flatMap({ try? FieldType(canonicalJSON: $0) })
                else { continue }
                types[Self.place(schema + table, column)] = type
                if case .string(let name)? = field["name"] { columns[Self.place(schema + table, name)] = column }
            }
        }
    }

    /// Nil when the column was not there, or nothing is known of it.
    ///
    /// - Parameter table: with the database's schema before it where the entity names one: ``Entity/tableTitle``.
    func form(table: String, column: String) -> String? {
        type(table: table, column: column).map(Self.form)
    }

    /// Nil when the column was not there.
    func type(table: String, column: String) -> FieldType? {
        types[Self.place(table, column)]
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

    private static func place(_ table: String, _ column: String) -> String {
        table.lowercased() + "\0" + column.lowercased()
    }
}
