import SeaworthySchema

/// Reads a column's default as that of its field.
enum DefaultReading {
    enum Outcome: Equatable {
        case none
        case value(DefaultValue)
        /// It is one that the schema language has no word for.
        case kept
    }

    /// Functions that give the time of now.
    private static let now: Set<String> = [
        "now", "current_timestamp", "localtimestamp", "transaction_timestamp", "statement_timestamp", "clock_timestamp",
    ]
    /// Functions that make a UUID.
    static let uuids: Set<String> = [
        "gen_random_uuid", "uuid_generate_v4", "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v7", "uuidv7", "uuidv4",
    ]

    static func read(_ expression: String?, of field: Field) -> Outcome {
        guard let expression else { return .none }
        guard let parsed = SQLExpression(expression, columns: [])?.bare else { return .kept }
        switch parsed {
        case .null: return .none
        case .call(let name, let arguments):
            if case .timestamp = field.type, now.contains(name), arguments.isEmpty { return .value(.now) }
            if field.type == .date, name == "current_date" || now.contains(name) { return .value(.now) }
            // The time of now in UTC, for a column without a zone.
            if name == "timezone", field.type == .timestamp, arguments.count == 2, arguments[0].bare == .text("utc"),
                case .call(let inner, _) = arguments[1].bare, now.contains(inner)
            {
                return .value(.now)
            }
            return .kept
        default:
            guard let json = json(parsed, field.type), let value = try? field.value(from: json), !value.isNull else { return .kept }
            return .value(.value(value))
        }
    }

    /// Whether a default makes a UUID.
    static func makesUUID(_ expression: String?) -> Bool {
        guard let expression, case .call(let name, _)? = SQLExpression(expression, columns: [])?.bare else { return false }
        return uuids.contains(name)
    }

    private static func json(_ literal: SQLExpression, _ type: FieldType) -> JSONValue? {
        switch (literal, type) {
        case (.flag(let flag), .boolean): return .bool(flag)
        case (.number(let digits), .boolean): return digits == "0" ? false : digits == "1" ? true : nil
        case (.text(let text), .boolean): return ["t", "true"].contains(text) ? true : ["f", "false"].contains(text) ? false : nil
        case (.number(let digits), .decimal), (.number(let digits), .bigint): return .string(digits)
        case (.number(let text), .integer), (.number(let text), .double), (.text(let text), .integer), (.text(let text), .double):
            guard let number = try? JSONParser.parse(text), case .number = number else { return nil }
            return number
        case (.text("{}"), .array): return []
        case (.text(let text), .json): return try? JSONParser.parse(text)
        case (.text(let text), .bytes): return text.isEmpty ? .string("") : nil
        // A time without a zone depends on who reads it.
        case (_, .timestamp): return nil
        case (.text(let text), _): return .string(text)
        case (.array(let elements), .array(let type)):
            let values = elements.compactMap { json($0.bare, type) }
            return values.count == elements.count ? .array(values) : nil
        default: return nil
        }
    }
}
