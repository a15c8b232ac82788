import SeaworthySchema

/// The types of PostgreSQL (https://www.postgresql.org/docs/15/datatype.html) as fields.
struct PostgresColumnTypes: ColumnTypes {
    /// Where a sequence is that far, its numbers do not fit into a number of JSON for ever.
    private static let largestDecimal = 18

    func field(for column: CatalogColumn, in table: CatalogTable, content: CatalogContent?) -> ColumnOutcome {
        if let values = column.enumValues {
            guard (1...200).contains(values.count), values.allSatisfy({ (1...200).contains($0.unicodeScalars.count) }) else {
                return .left("the type \(column.declaredType) has \(values.count) values, and an enum 200 of at most 200 characters")
            }
            return .field(Field(of: column, .enum(values)))
        }
        let length = column.type.typeArguments.first
        switch PostgresCatalog.name(of: column.type) {
        case "text": return .field(Field(of: column, .text))
        case "character varying": return .field(Field(of: column, .string, max: length))
        case "character": return .field(Field(of: column, .string, max: length))
        case "bpchar": return .field(Field(of: column, .string))
        case "citext":
            return .field(
                Field(of: column, .string),
                notes: ["citext: unique whatever the case; filters and sorting tell cases apart, and use no index"])
        case "smallint", "integer": return .field(Field(of: column, .integer))
        // What a sequence makes stays far below the largest integer; other numbers of 64 bits may be any.
        case "bigint": return .field(Field(of: column, column.source == .sequence || column.source == .sequenceOnly ? .integer : .bigint))
        case "numeric": return numeric(column)
        case "double precision": return .field(Field(of: column, .double))
        case "real":
            return .field(Field(of: column, .double), notes: ["real has about seven digits: 32.38 reads as 32.380001068115234"])
        case "boolean": return .field(Field(of: column, .boolean))
        case "date": return .field(Field(of: column, .date))
        case "timestamp with time zone": return .field(Field(of: column, .timestamp))
        case "timestamp without time zone":
            return .field(Field(of: column, .timestamp), remarks: ["without time zone: taken as UTC"])
        case "uuid": return .field(Field(of: column, .uuid))
        case "json": return .field(Field(of: column, .json))
        case "jsonb":
            return .field(
                Field(of: column, .json), notes: ["jsonb: members come back in the database's order, not in that in which they were sent"])
        case "bytea": return .field(Field(of: column, .bytes))
        default: break
        }
        if let element = PostgresCatalog.element(of: column.type) { return .field(Field(of: column, .array(element))) }
        return .left("the type \(column.declaredType) is not supported")
    }

    private func numeric(_ column: CatalogColumn) -> ColumnOutcome {
        let digits = column.type.typeArguments
        guard let precision = digits.first else {
            return .field(
                Field(of: column, .double), notes: ["numeric of any length: read and written as a double, 15 digits of it for sure"])
        }
        let scale = digits.count > 1 ? digits[1] : 0
        guard precision <= Self.largestDecimal, (0...precision).contains(scale) else {
            return .field(
                Field(of: column, .double),
                notes: ["\(column.type) is more than a decimal holds: read and written as a double, 15 digits of it for sure"])
        }
        return .field(Field(of: column, .decimal(precision: precision, scale: scale)))
    }
}
