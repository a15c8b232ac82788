import PostgresServing
import SeaworthyPostgres
import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthyMaintenance

@Suite struct `A schema that is made in a database and pulled from it` {
    /// What of a schema its tables keep, as texts by table: names, columns, types, keys, references, indexes.
    ///
    /// - Parameter numbers: whether a sole key of whole numbers is made by the database though nobody said so, as in SQLite.
    private func shape(_ schema: Schema, numbers: Bool = false, _ type: (FieldType, Bool) -> String) -> [String: [String]] {
        var shape: [String: [String]] = [:]
        for entity in schema.entities {
            func columns(_ fields: [Int]) -> String { fields.map { entity.fields[$0].column }.joined(separator: ",") }
            var lines = ["key \(columns(entity.key))"]
            for (index, field) in entity.fields.enumerated() {
                let isOfSequence = origin(entity, index, schema)
                let name = type(field.type, isOfSequence)
                let isNumbered = numbers && entity.key == [index] && ["integer", "bigint"].contains(name)
                let isGenerated = isNumbered || field.isGenerated && field.type != .uuid
                lines.append(
                    "column \(field.column) \(name)\(entity.isNullable(index) ? "" : " required")\(isGenerated ? " generated" : "")")
            }
            lines += entity.references.map { "reference \(columns($0.fields)) to \(schema.entity(named: $0.target)?.table ?? "?")" }
                .sorted()
            lines += entity.unique.map { "unique \(columns($0))" }.sorted()
            lines += entity.indexes.map { "index \(columns($0))" }.sorted()
            shape[entity.table] = lines
        }
        return shape
    }

    /// Whether a field is a key that a sequence makes, or leads to one.
    private func origin(_ entity: Entity, _ field: Int, _ schema: Schema, depth: Int = 0) -> Bool {
        if entity.fields[field].isGenerated { return entity.fields[field].type != .uuid }
        guard depth < 10 else { return false }
        for reference in entity.references {
            guard let part = reference.fields.firstIndex(of: field), let target = schema.entity(named: reference.target) else { continue }
            return origin(target, target.key[part], schema, depth: depth + 1)
        }
        return false
    }

    private static func postgresType(_ type: FieldType, isOfSequence: Bool) -> String {
        switch type {
        case .string, .text, .email, .url, .enum: "text"
        case .integer, .bigint: isOfSequence ? "integer" : "bigint"
        case .array, .json: "json"
        case .decimal(let precision, let scale): "decimal \(precision) \(scale)"
        default: type.name
        }
    }

    private static func sqliteType(_ type: FieldType) -> String {
        switch type {
        case .string, .text, .email, .url, .enum, .date, .uuid, .json, .array: "text"
        case .integer, .bigint, .decimal, .timestamp: "integer"
        default: type.name
        }
    }

    /// - Returns: what is pulled, once with what the server keeps of the schema and once without.
    private func pulled(_ schema: Schema, _ database: any Database, _ dialect: any Dialect) async throws -> (Schema, Schema) {
        let store = SchemaStore(database, dialect: dialect)
        _ = try await store.apply(schema, now: 1)
        let pull = SchemaPull(database, dialect: dialect, SchemaPull.Request(name: "random"))
        let known = try await check(pull, store)
        _ = try await database.transaction(.write) { try await $0.execute(Statement("DROP TABLE seaworthy_schema")) }
        return (known, try await check(pull, store))
    }

    /// What is pulled is sound, notes nothing, and wants nothing changed.
    private func check(_ pull: SchemaPull, _ store: SchemaStore) async throws -> Schema {
        let result = try await pull.run()
        let read = try SchemaParser.parse(yaml: result.yaml, file: "pulled.yaml").schema
        #expect(result.report == [])
        #expect(read == result.schema)
        let outcome = try await store.apply(read, now: 2)
        #expect(outcome == SchemaStore.Outcome(), "\(result.yaml)")
        return read
    }

    @Test(arguments: 0..<25 as Range<UInt64>)
    func `is the same on SQLite`(seed: UInt64) async throws {
        let schema = RandomSchema.make(seed: seed)
        let database = try await SQLiteDatabase.open(SQLiteSettings(.memory))
        let (known, unknown) = try await pulled(schema, database, SQLiteDialect())
        await database.close()
        #expect(shape(known, numbers: true) { type, _ in "\(type)" } == shape(schema, numbers: true) { type, _ in "\(type)" })
        #expect(
            shape(unknown, numbers: true) { type, _ in Self.sqliteType(type) }
                == shape(schema, numbers: true) { type, _ in Self.sqliteType(type) })
    }

    @Test(arguments: 100..<125 as Range<UInt64>)
    func `is the same on PostgreSQL`(seed: UInt64) async throws {
        let schema = RandomSchema.make(seed: seed)
        let database = try await PostgresDatabase.open(PostgresSettings(try await PostgresServer.running().makeDatabase()))
        let (known, unknown) = try await pulled(schema, database, PostgresDialect())
        await database.close()
        #expect(shape(known) { type, _ in "\(type)" } == shape(schema) { type, _ in "\(type)" })
        #expect(
            shape(unknown) { Self.postgresType($0, isOfSequence: $1) } == shape(schema) { Self.postgresType($0, isOfSequence: $1) })
    }
}
