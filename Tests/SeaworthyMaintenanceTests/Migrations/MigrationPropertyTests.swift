import SeaworthySQL
import SeaworthySchema
import Testing

@testable import SeaworthyMaintenance

/// Whatever a schema becomes, a migrated database is that of the new schema, with the values that it had, and leads back.
@Suite struct MigrationPropertyTests {
    private static let rows = 4

    private func insert(_ schema: Schema, _ random: inout RandomSchemas, _ bench: MigrationBench) async throws -> [String: [[Value]]] {
        var records: [String: [[Value]]] = [:]
        // References point at rows that come later, so they are set behind all.
        for entity in schema.entities {
            for key in 1...Self.rows {
                var record: [Value] = []
                for (index, field) in entity.fields.enumerated() {
                    let isReference = entity.references.contains { $0.fields == [index] }
                    if index == 0 {
                        record.append(.integer(Int64(key)))
                    } else if isReference || field.managed != nil || (!field.isRequired && random.chance(30)) {
                        record.append(.null)
                    } else {
                        record.append(random.value(field.type))
                    }
                }
                let columns = entity.fields.map { bench.dialect.quoted($0.column) }.joined(separator: ", ")
                let values = zip(record, entity.fields).map { bench.language.literal($0, $1.type) }.joined(separator: ", ")
                try await bench.run("INSERT INTO \(bench.dialect.quoted(entity.table)) (\(columns)) VALUES (\(values))")
                records[entity.name, default: []].append(record)
            }
        }
        for entity in schema.entities {
            for reference in entity.references {
                let column = bench.dialect.quoted(entity.fields[reference.fields[0]].column)
                try await bench.run("UPDATE \(bench.dialect.quoted(entity.table)) SET \(column) = 2 WHERE id = 1")
                records[entity.name]?[0][reference.fields[0]] = .integer(2)
            }
        }
        return records
    }

    private func check(
        _ records: [String: [[Value]]], _ old: Schema, _ new: Schema, _ bench: MigrationBench, isBack: Bool
    ) async throws {
        for table in SchemaChange(from: old, to: new).altered {
            guard let rows = records[table.old.name] else { continue }
            for pair in table.fields {
                let (from, to) = (table.old.fields[pair.old], table.new.fields[pair.new])
                let (field, name) = isBack ? (from, table.old.table) : (to, table.new.table)
                // What becomes of values of another type is told by the cases of one field.
                guard isBack || StorageForm(from.type) == StorageForm(to.type) else { continue }
                for (index, row) in rows.enumerated() {
                    let key = index + 1
                    var expected = row[pair.old]
                    if expected.isNull, table.old.isNullable(pair.old), !table.new.isNullable(pair.new),
                        case .value(let value)? = to.defaultValue
                    {
                        // The way back does not know which rows had no value.
                        if isBack, StorageForm(from.type) != StorageForm(to.type) { continue }
                        expected = value
                    }
                    let holds = try await bench.holds(
                        expected, field.type, column: field.column.replacing("\"", with: "\"\""), of: name, key: key)
                    #expect(holds, "\(isBack ? "back " : "")\(table.new.name).\(to.name) of row \(key): \(expected)")
                }
            }
        }
    }

    @Test(arguments: MigratedDatabase.allCases)
    func `random schemas lead to what new databases have, and back`(_ kind: MigratedDatabase) async throws {
        for seed in 1...(kind == .sqlite ? 60 : 20) {
            var random = RandomSchemas(seed: UInt64(seed))
            let old = random.schema()
            let new = random.changed(old)
            let expected = try await MigrationBench.with(kind) { fresh in
                try await fresh.make(new)
                return try await fresh.structure()
            }
            try await MigrationBench.with(kind) { bench in
                try await bench.make(old)
                let before = try await bench.structure()
                let records = try await insert(old, &random, bench)
                do {
                    let plan = try bench.plan(from: old, to: new, allowsDestructive: true)
                    try await bench.apply(new, allowsDestructive: true)
                    #expect(try await bench.structure() == expected, "seed \(seed)")
                    try await check(records, old, new, bench, isBack: false)
                    #expect(try await bench.runner().drift(from: new) == [], "seed \(seed)")
                    guard !plan.files.isEmpty else { return }
                    // What pointed at rows of a dropped table points at nothing when the table comes back, and nothing is made up.
                    let dropped = Set(SchemaChange(from: old, to: new).dropped.map(\.name))
                    guard !old.entities.contains(where: { $0.references.contains { dropped.contains($0.target) } }) else { return }
                    try await bench.rollback(1)
                    #expect(try await bench.structure() == before, "seed \(seed), back")
                    try await check(records, old, new, bench, isBack: true)
                } catch {
                    Issue.record("seed \(seed): \(error)\n\(try bench.folder().migrations.map(\.up))")
                }
            }
        }
    }
}
