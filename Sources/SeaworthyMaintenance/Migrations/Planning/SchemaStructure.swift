import Crypto
package import SeaworthySchema

/// What of a schema stands in the database itself: tables, columns, keys, references and indexes, and not the rules that the server keeps.
/// Schemas of one structure need no migration between them, whichever database it is.
package struct SchemaStructure: Sendable, Equatable {
    /// Of a database without a table.
    package static let empty = SchemaStructure(Schema(name: "", entities: []))

    /// SHA-256 of the structure, in hexadecimal.
    package let hash: String

    package init(_ schema: Schema) {
        let tables = schema.entities.filter { !$0.isReadOnly }.sorted { $0.tableTitle.precedes($1.tableTitle) }
        hash = Checksum.sha256(JSONValue.array(tables.map { Self.json($0, schema) }).compactText)
    }

    private static func json(_ entity: Entity, _ schema: Schema) -> JSONValue {
        func columns(_ fields: [Int]) -> JSONValue { .array(fields.map { .string(entity.fields[$0].column) }) }
        let fields = entity.fields.indices.sorted { entity.fields[$0].column.precedes(entity.fields[$1].column) }
        let references = entity.references.map { reference -> String in
            let target = schema.entity(named: reference.target)?.tableTitle ?? ""
            return JSONValue.array([columns(reference.fields), .string(target)]).compactText
        }
        let indexes =
            entity.unique.map { JSONValue.array([columns($0), entity.hasSoftDelete ? "live" : "unique"]).compactText }
            + entity.indexes.map { JSONValue.array([columns($0), "index"]).compactText }
        return [
            "table": .string(entity.tableTitle), "key": columns(entity.key),
            "columns": .array(
                fields.map { index in
                    let field = entity.fields[index]
                    return [
                        .string(field.column), .string(StorageForm(field.type).text), .bool(entity.isNullable(index)),
                        .bool(entity.key == [index] && field.isNumbered),
                    ]
                }),
            "references": .array(references.sorted { $0.precedes($1) }.map { .string($0) }),
            "indexes": .array(indexes.sorted { $0.precedes($1) }.map { .string($0) }),
        ]
    }
}

extension Field {
    /// Whether the database counts its values.
    var isNumbered: Bool { isGenerated && (type == .integer || type == .bigint) }
}

/// In which form values of a type are stored: those of one form need no conversion, on either database.
enum StorageForm: Equatable {
    case text, integer, double, boolean, date, timestamp, uuid, json, bytes
    case decimal(precision: Int, scale: Int)

    init(_ type: FieldType) {
        self =
            switch type {
            case .string, .text, .email, .url, .enum: .text
            case .integer, .bigint: .integer
            case .double: .double
            case .decimal(let precision, let scale): .decimal(precision: precision, scale: scale)
            case .boolean: .boolean
            case .date: .date
            case .timestamp: .timestamp
            case .uuid: .uuid
            case .json, .array: .json
            case .bytes: .bytes
            }
    }

    var text: String {
        switch self {
        case .decimal(let precision, let scale): "decimal(\(precision),\(scale))"
        default: "\(self)"
        }
    }
}

/// Checksums as they are stored and written.
enum Checksum {
    static func sha256(_ text: String) -> String {
        SHA256.hash(data: Array(text.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
