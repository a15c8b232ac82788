/// Reads one field of the canonical form.
struct CanonicalFieldReader {
    private static let known: Set<String> = [
        "name", "column", "type", "description", "required", "generated", "readOnly", "default", "minLength", "maxLength", "minimum",
        "maximum", "pattern", "search", "managed",
    ]
    private let members: CanonicalMembers

    init(_ json: JSONValue, at path: String) throws(CanonicalSchemaError) {
        members = try CanonicalMembers(json, at: path, known: Self.known)
    }

    func field() throws(CanonicalSchemaError) -> Field {
        guard let json = members["type"] else { throw members.error("type", "is missing") }
        let type = try Self.type(json, at: members.place("type"))
        var field = Field(
            name: try members.text("name"), column: try members.text("column"), type: type,
            description: try members.optionalText("description"), isRequired: try members.flag("required"),
            isGenerated: try members.flag("generated"), isReadOnly: try members.flag("readOnly"), defaultValue: try defaultValue(type),
            maxLength: try members.integer("maxLength"), minLength: try members.integer("minLength"),
            minimum: try bound("minimum", type), maximum: try bound("maximum", type), searchWeight: try members.integer("search"))
        if let source = try members.optionalText("pattern") {
            guard let pattern = try? Pattern(source) else { throw members.error("pattern", "is not a regular expression") }
            field.pattern = pattern
        }
        if let name = try members.optionalText("managed") {
            guard let managed = Field.Managed(rawValue: name) else { throw members.error("managed", "is not known") }
            field.managed = managed
        }
        return field
    }

    private func bound(_ name: String, _ type: FieldType) throws(CanonicalSchemaError) -> Value? {
        guard let json = members[name] else { return nil }
        return try value(json, type, name)
    }

    private func defaultValue(_ type: FieldType) throws(CanonicalSchemaError) -> DefaultValue? {
        guard let json = members["default"] else { return nil }
        let initial = try CanonicalMembers(json, at: members.place("default"), known: ["now", "value"])
        if try initial.flag("now") { return .now }
        guard let json = initial["value"] else { throw initial.error("value", "is missing") }
        return .value(try value(json, type, "default"))
    }

    private func value(_ json: JSONValue, _ type: FieldType, _ name: String) throws(CanonicalSchemaError) -> Value {
        do throws(ValueProblem) {
            return try type.value(from: json)
        } catch {
            throw members.error(name, error.detail)
        }
    }

    fileprivate static func type(_ json: JSONValue, at path: String) throws(CanonicalSchemaError) -> FieldType {
        let members = try CanonicalMembers(json, at: path, known: ["type", "precision", "scale", "values", "items"])
        let name = try members.text("type")
        switch name {
        case "decimal":
            guard let precision = try members.integer("precision"), let scale = try members.integer("scale") else {
                throw members.error("precision", "and scale are missing")
            }
            return .decimal(precision: precision, scale: scale)
        case "enum": return .enum(try members.texts("values"))
        case "array":
            guard let items = members["items"] else { throw members.error("items", "is missing") }
            return .array(try type(items, at: members.place("items")))
        default:
            guard let type = FieldType.plain(named: name) else { throw members.error("type", "«\(name.lineExcerpt)» is no type") }
            return type
        }
    }
}

extension FieldType {
    /// The type of a field, from the canonical form.
    package init(canonicalJSON json: JSONValue) throws(CanonicalSchemaError) {
        self = try CanonicalFieldReader.type(json, at: "")
    }
}
