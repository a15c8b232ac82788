import SeaworthySQL
import SeaworthySchema

/// Values and conditions as a migration's text has them, in the terms of one database.
protocol MigrationLanguage: Sendable {
    var dialect: any Dialect { get }

    /// A value in its stored form as a literal of the type.
    func literal(_ value: Value, _ type: FieldType) -> String

    /// The time at which the migration runs, as a value of a date or timestamp.
    func now(_ type: FieldType) -> String

    /// How long a value is: characters of text, bytes, elements of an array.
    func length(_ expression: String, _ type: FieldType) -> String

    /// The statements that fail with a message when some row meets a condition.
    func refuseRows(of entity: Entity, where condition: String, message: String) -> [String]

    /// How values of one type become those of another; nil where it is not done.
    func conversion(from old: FieldType, to new: FieldType) -> TypeConversion?
}

extension MigrationLanguage {
    func quoted(_ identifier: String) -> String { dialect.quoted(identifier) }

    func table(_ entity: Entity) -> String { dialect.table(entity) }

    /// The name of an index, or an earlier one of the table, in the schema of the table.
    func name(_ name: String, beside entity: Entity) -> String { (entity.dbSchema.map { quoted($0) + "." } ?? "") + quoted(name) }

    func text(_ text: String) -> String {
        "'" + text.replacing("'", with: "''") + "'"
    }

    func value(_ initial: DefaultValue, _ type: FieldType) -> String {
        switch initial {
        case .now: now(type)
        case .value(let value): literal(value, type)
        }
    }
}

struct SQLiteLanguage: MigrationLanguage {
    let dialect: any Dialect = SQLiteDialect()

    func literal(_ value: Value, _ type: FieldType) -> String {
        switch value {
        case .null: "NULL"
        case .integer(let number): number == .min ? "(-9223372036854775807 - 1)" : String(number)
        case .double(let number): "\(number)"
        case .text(let text): self.text(text)
        case .bytes(let bytes): "X'\(bytes.hexadecimal)'"
        }
    }

    func now(_ type: FieldType) -> String {
        type == .date ? "date('now')" : "(CAST(strftime('%s', 'now') AS INTEGER) * 1000000)"
    }

    func length(_ expression: String, _ type: FieldType) -> String {
        if case .array = type { return "json_array_length(\(expression))" }
        return "length(\(expression))"
    }

    /// SQLite has no statement that only fails; a named constraint says why.
    func refuseRows(of entity: Entity, where condition: String, message: String) -> [String] {
        let guarded = "\"seaworthy_guard\""
        return [
            "CREATE TEMPORARY TABLE \(guarded) (\"rows\" INTEGER CONSTRAINT \(quoted(message)) CHECK (\"rows\" = 0))",
            "INSERT INTO temp.\(guarded) SELECT count(*) FROM \(table(entity)) WHERE \(condition)",
            "DROP TABLE temp.\(guarded)",
        ]
    }
}

struct PostgresLanguage: MigrationLanguage {
    let dialect: any Dialect = PostgresDialect()

    func literal(_ value: Value, _ type: FieldType) -> String {
        switch (value, type) {
        case (.null, _): return "NULL"
        case (.integer(let number), .boolean): return number == 0 ? "false" : "true"
        case (.double(let number), _): return "'\(number)'::double precision"
        case (.text(let text), .string), (.text(let text), .text), (.text(let text), .email), (.text(let text), .url),
            (.text(let text), .enum):
            return self.text(text)
        case (.bytes(let bytes), _): return "'\\x\(bytes.hexadecimal)'::bytea"
        case (.integer(let number), .integer), (.integer(let number), .bigint):
            return number == .min ? "(-9223372036854775807 - 1)" : String(number)
        default:
            let form: String
            if case .string(let text) = type.json(value) { form = text } else { form = type.json(value).compactText }
            return "\(text(form))::\(dialect.columnType(of: Field(name: "", column: "", type: type), column: ""))"
        }
    }

    func now(_ type: FieldType) -> String {
        type == .date ? "(now() AT TIME ZONE 'UTC')::date" : "date_trunc('second', now())"
    }

    func length(_ expression: String, _ type: FieldType) -> String {
        switch type {
        case .array: "json_array_length(\(expression))"
        case .bytes: "octet_length(\(expression))"
        default: "char_length(\(expression))"
        }
    }

    func refuseRows(of entity: Entity, where condition: String, message: String) -> [String] {
        [
            """
            DO $seaworthy$ BEGIN
                IF EXISTS (SELECT 1 FROM \(table(entity)) WHERE \(condition)) THEN
                    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = \(text(message));
                END IF;
            END $seaworthy$
            """
        ]
    }
}

extension [UInt8] {
    fileprivate var hexadecimal: String {
        map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
