import PostgresServing
import SeaworthyPostgres
import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage
import Synchronization
import Testing

@testable import SeaworthyMaintenance

/// The databases on which every migration is tried.
enum MigratedDatabase: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite, postgres

    var dialect: any Dialect { self == .sqlite ? SQLiteDialect() : PostgresDialect() }
    var language: any MigrationLanguage { self == .sqlite ? SQLiteLanguage() : PostgresLanguage() }
    var testDescription: String { rawValue }
}

/// One real database, empty at first, and a folder of migrations in memory.
final class MigrationBench: Sendable {
    let kind: MigratedDatabase
    let database: any Database
    /// For PostgreSQL: what others connect to.
    let address: String
    private let clock = Atomic<Int64>(1_764_000_000_000_000)
    private let written = Mutex<[MigrationFolder.File]>([])

    private init(_ kind: MigratedDatabase, _ database: any Database, address: String) {
        self.kind = kind
        self.database = database
        self.address = address
    }

    static func with<Result>(_ kind: MigratedDatabase, _ body: (MigrationBench) async throws -> Result) async throws -> Result {
        var address = ""
        let database: any Database
        if kind == .sqlite {
            database = try await SQLiteDatabase.open(SQLiteSettings(.memory))
        } else {
            address = try await PostgresServer.running().makeDatabase()
            database = try await PostgresDatabase.open(PostgresSettings(address))
        }
        let bench = MigrationBench(kind, database, address: address)
        do {
            let result = try await body(bench)
            await database.close()
            return result
        } catch {
            await database.close()
            throw error
        }
    }

    var language: any MigrationLanguage { kind.language }
    var dialect: any Dialect { kind.dialect }

    var now: Int64 { clock.add(1_000_000, ordering: .relaxed).newValue }

    func runner(_ change: (inout MigrationSettings) -> Void = { _ in }) -> MigrationRunner {
        var settings = MigrationSettings()
        settings.pollInterval = .milliseconds(10)
        settings.longestPause = .milliseconds(200)
        change(&settings)
        return MigrationRunner(database, dialect: dialect, settings: settings) { self.now }
    }

    // MARK: Migrations

    static func schema(_ yaml: String) throws -> Schema {
        try SchemaParser.parse(yaml: "name: t\nentities:\n" + yaml.split(separator: "\n").map { "  \($0)\n" }.joined(), file: "t.yaml")
            .schema
    }

    func folder() throws -> MigrationFolder { try MigrationFolder(written.withLock(\.self), dialect: dialect) }

    func add(_ name: String, _ text: String) {
        written.withLock { files in
            for database in ["sqlite", "postgres"] { files.append(MigrationFolder.File(name: "\(name).\(database).sql", text: text)) }
        }
    }

    func replace(_ change: (inout [MigrationFolder.File]) -> Void) { written.withLock { change(&$0) } }

    @discardableResult
    func plan(from old: Schema, to new: Schema, name: String? = nil, allowsDestructive: Bool = false) throws -> MigrationPlan {
        let plan = try MigrationPlanner.plan(
            from: old, to: new, name: name, time: now, after: try folder().lastName, allowsDestructive: allowsDestructive)
        for file in plan.files {
            written.withLock {
                $0.append(MigrationFolder.File(name: "\(file.name).sqlite.sql", text: file.sqlite))
                $0.append(MigrationFolder.File(name: "\(file.name).postgres.sql", text: file.postgres))
            }
        }
        return plan
    }

    @discardableResult
    func apply(_ schema: Schema, allowsDestructive: Bool = false) async throws -> MigrationRunner.Outcome {
        try await runner().apply(try folder(), schema: schema, planned: nil, allowsDestructive: allowsDestructive)
    }

    @discardableResult
    func rollback(_ steps: Int) async throws -> MigrationRunner.Outcome {
        try await runner().rollback(try folder(), steps: steps)
    }

    /// Makes the tables as a start in development does.
    func make(_ schema: Schema) async throws {
        _ = try await SchemaStore(database, dialect: dialect).apply(schema, now: now)
    }

    // MARK: SQL

    func run(_ statements: String...) async throws {
        try await database.transaction(.writeAlone) { transaction in
            for statement in statements { try await transaction.execute(Statement(statement)) }
        }
    }

    func rows(_ sql: String) async throws -> [[Value]] {
        try await database.query(Statement(sql), into: ValueRows())
    }

    /// Which of the tables are there.
    func tables(_ names: [String]) async throws -> [String] {
        let entities = names.map { Entity(name: $0, table: $0, path: "", key: [], fields: []) }
        return try await runner().existing(entities).map(\.table)
    }

    func count(_ table: String, where condition: String = "1 = 1") async throws -> Int {
        try await rows("SELECT count(*) FROM \"\(table)\" WHERE \(condition)").first?.first?.number ?? -1
    }

    /// Whether the column of the row with that key has the value.
    func holds(_ value: Value, _ type: FieldType, column: String, of table: String, key: Int) async throws -> Bool {
        var (stored, literal) = ("\"\(column)\"", language.literal(value, type))
        if kind == .postgres, StorageForm(type) == .json { (stored, literal) = ("\(stored)::text", "(\(literal))::text") }
        let condition = value.isNull ? "\(stored) IS NULL" : "\(stored) = \(literal)"
        return try await count(table, where: "id = \(key) AND \(condition)") == 1
    }

    // MARK: Catalog

    /// Everything that the database's own tables tell of the application's, a line each; the same for databases of one structure.
    func structure() async throws -> [String] {
        let lines = kind == .sqlite ? try await sqliteStructure() : try await postgresStructure()
        return lines.sorted()
    }

    private func sqliteStructure() async throws -> [String] {
        var lines: [String] = []
        let tables = try await rows(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'seaworthy_%'")
        for table in tables {
            let name = table[0].text
            lines.append("\(name): strict \(table[1].text.contains("STRICT")), counted \(table[1].text.contains("AUTOINCREMENT"))")
            lines.append("\(name): checks \(table[1].text.components("CHECK"))")
            for row in try await rows("SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_xinfo('\(name)')") {
                lines.append("\(name).\(row.map(\.plain).joined(separator: " "))")
            }
            for row in try await rows(
                "SELECT \"from\", \"table\", \"to\", on_update, on_delete, seq FROM pragma_foreign_key_list('\(name)')")
            {
                lines.append("\(name) points \(row.map(\.plain).joined(separator: " "))")
            }
        }
        for row in try await rows(
            "SELECT sql FROM sqlite_schema WHERE type <> 'table' AND sql IS NOT NULL AND tbl_name NOT LIKE 'seaworthy_%'")
        {
            lines.append(row[0].text)
        }
        return lines
    }

    private func postgresStructure() async throws -> [String] {
        let columns = try await rows(
            """
            SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text,
                pg_get_expr(d.adbin, d.adrelid), coalesce(l.collname::text, '')
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
            LEFT JOIN pg_collation l ON l.oid = a.attcollation
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped
            AND c.relname NOT LIKE 'seaworthy%'
            """)
        let constraints = try await rows(
            """
            SELECT conrelid::regclass::text, pg_get_constraintdef(oid), convalidated FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND conrelid::regclass::text NOT LIKE 'seaworthy%'
            """)
        let indexes = try await rows(
            """
            SELECT pg_get_indexdef(indexrelid), indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
            WHERE relnamespace = 'public'::regnamespace AND NOT indisprimary AND relname NOT LIKE 'seaworthy%'
            """)
        return (columns + constraints + indexes).map { $0.map(\.plain).joined(separator: " ") }
    }
}

extension Value {
    var plain: String {
        switch self {
        case .null: "-"
        case .integer(let number): String(number)
        case .text(let text): text
        case .double(let number): "\(number)"
        case .bytes: "bytes"
        }
    }
}

extension String {
    /// How often another text stands in it.
    func components(_ other: String) -> Int { ranges(of: other).count }
}

/// The error that `body` throws.
func refusal(_ body: () async throws -> Void) async -> MaintenanceError? {
    do {
        try await body()
        Issue.record("it was not refused")
    } catch let error as MaintenanceError {
        return error
    } catch {
        Issue.record("it threw \(error)")
    }
    return nil
}
