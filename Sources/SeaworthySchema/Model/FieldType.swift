/// The type of a field. ``Value`` says in which form each is stored, `interfaces` of the API in which JSON form it is sent.
package indirect enum FieldType: Sendable, Hashable {
    case string
    case text
    case email
    case url
    case integer
    case bigint
    case double
    /// `precision` digits in all, at most 18; `scale` of them after the point.
    case decimal(precision: Int, scale: Int)
    case boolean
    case date
    case timestamp
    case uuid
    case `enum`([String])
    case json
    case array(FieldType)
    case bytes

    /// The word that names the type in the schema file.
    package var name: String {
        switch self {
        case .string: "string"
        case .text: "text"
        case .email: "email"
        case .url: "url"
        case .integer: "integer"
        case .bigint: "bigint"
        case .double: "double"
        case .decimal: "decimal"
        case .boolean: "boolean"
        case .date: "date"
        case .timestamp: "timestamp"
        case .uuid: "uuid"
        case .enum: "enum"
        case .json: "json"
        case .array: "array"
        case .bytes: "bytes"
        }
    }

    /// Every type name, in the order in which the documents list them.
    package static let names = [
        "string", "text", "email", "url", "integer", "bigint", "double", "decimal", "boolean", "date", "timestamp", "uuid", "enum", "json",
        "array", "bytes",
    ]

    /// Whether the value is free text, which `contains`, `startsWith`, `endsWith` and `search` apply to.
    package var isText: Bool {
        switch self {
        case .string, .text, .email, .url, .enum: true
        default: false
        }
    }

    package var isNumber: Bool {
        switch self {
        case .integer, .bigint, .double, .decimal: true
        default: false
        }
    }

    /// Whether `gt`, `lt` and sorting apply. JSON and arrays have no order.
    package var isOrdered: Bool {
        switch self {
        case .json, .array: false
        default: true
        }
    }
}
