import SeaworthySQL
import SeaworthySchema

extension PostgresCatalog {
    func type(of field: Field) -> String {
        switch field.type {
        case .decimal(let precision, let scale): "numeric(\(precision),\(scale))"
        case .timestamp: "timestamp with time zone"
        case .string, .text, .email, .url, .enum: "text"
        default: PostgresDialect().columnType(of: field, column: "c")
        }
    }

    /// Texts of any length hold texts, and integers of any size integers; a value that is too long or too large is refused when it is written.
    func holds(_ column: CatalogColumn, _ field: Field) -> Bool {
        let name = Self.name(of: column.type)
        if let values = column.enumValues {
            guard case .enum(let own) = field.type else { return false }
            return Set(own) == Set(values)
        }
        switch field.type {
        case .string, .text, .email, .url, .enum: return ["text", "character varying", "character", "bpchar", "citext"].contains(name)
        case .integer, .bigint: return ["smallint", "integer", "bigint"].contains(name)
        case .double: return ["double precision", "real", "numeric"].contains(name)
        case .timestamp: return ["timestamp with time zone", "timestamp without time zone"].contains(name)
        case .json: return ["json", "jsonb"].contains(name)
        case .array(let element): return column.type == "json" || Self.element(of: column.type) == element
        default: return column.type == type(of: field)
        }
    }

    func form(of column: CatalogColumn, for field: Field) -> ColumnForm? {
        let asText = ColumnForm.Wrapping("", "::text COLLATE \"C\"")
        if column.enumValues != nil { return ColumnForm(read: asText, write: .init("", "::\(column.type)"), itself: .inEquality) }
        switch Self.name(of: column.type) {
        // Blanks at the end mean nothing in it, and are left out as text.
        case "character", "bpchar": return ColumnForm(read: asText, write: .init("", "::bpchar"), itself: .inEquality)
        // Two texts that differ only in case are the same to the column, not to a filter.
        case "citext": return ColumnForm(read: asText)
        case "timestamp without time zone":
            let zone = ColumnForm.Wrapping("(", " AT TIME ZONE 'UTC')")
            return ColumnForm(read: zone, write: zone, itself: .inOrder)
        case "numeric" where field.type == .double: return ColumnForm(read: .init("", "::double precision"))
        case "text" where !column.isByCodePoint, "character varying" where !column.isByCodePoint:
            return ColumnForm(read: .init("", " COLLATE \"C\""), itself: .inEquality)
        default: break
        }
        guard case .array = field.type, column.type != "json" else { return nil }
        let write = ColumnForm.Wrapping("(SELECT v FROM json_to_record(json_build_object('v', ", ")) AS r (v \(column.type)))")
        return ColumnForm(read: .init("to_json(", ")"), write: write)
    }

    func bounded(_ field: Field, by column: CatalogColumn) -> Field {
        var field = field
        switch Self.name(of: column.type) {
        case "smallint": field.narrow(to: Int64(Int16.min)...Int64(Int16.max))
        case "integer": field.narrow(to: Int64(Int32.min)...Int64(Int32.max))
        case "character varying", "character":
            guard field.type.isText, column.enumValues == nil, let length = column.type.typeArguments.first else { break }
            if case .enum = field.type { break }
            field.maxLength = min(length, field.maxLength ?? length)
        default: break
        }
        return field
    }

    /// A type without what stands in parentheses: `timestamp(3) with time zone` is `timestamp with time zone`; that of an extension without
    /// its schema.
    static func name(of type: String) -> String {
        var name = ""
        var depth = 0
        for character in type {
            if character == "(" { depth += 1 }
            if depth == 0 { name.append(character) }
            if character == ")" { depth -= 1 }
        }
        return name.hasSuffix(".citext") ? "citext" : name
    }

    /// The elements of an array type whose values have the form in JSON that the field's have; nil for every other type.
    static func element(of type: String) -> FieldType? {
        guard type.hasSuffix("[]") else { return nil }
        switch name(of: String(type.dropLast(2))) {
        case "text", "character varying": return .string
        case "smallint", "integer": return .integer
        case "double precision": return .double
        case "uuid": return .uuid
        default: return nil
        }
    }
}

extension Field {
    fileprivate mutating func narrow(to range: ClosedRange<Int64>) {
        guard type == .integer || type == .bigint else { return }
        let (low, high) = (Value.integer(range.lowerBound), Value.integer(range.upperBound))
        if minimum.map({ $0.isOrdered(before: low) }) ?? true { minimum = low }
        if maximum.map({ high.isOrdered(before: $0) }) ?? true { maximum = high }
    }
}
