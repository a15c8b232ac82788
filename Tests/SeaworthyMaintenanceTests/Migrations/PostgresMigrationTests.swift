import PostgresServing
import SeaworthyPostgres
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthyMaintenance

/// What migrations do on PostgreSQL where others hold locks, and with what cut-off ones leave behind.
@Suite struct PostgresMigrationTests {
    private static let one = "A:\n  key: id\n  fields:\n    id: { type: integer }\n    x: { type: string }"

    private func with(_ body: (MigrationBench, Schema) async throws -> Void) async throws {
        let schema = try MigrationBench.schema(Self.one)
        try await MigrationBench.with(.postgres) { bench in
            try await bench.make(schema)
            try await body(bench, schema)
        }
    }

    /// Another client of the same database.
    private func withOther<Result>(_ bench: MigrationBench, _ body: (PostgresDatabase) async throws -> Result) async throws -> Result {
        let other = try await PostgresDatabase.open(PostgresSettings(bench.address))
        do {
            let result = try await body(other)
            await other.close()
            return result
        } catch {
            await other.close()
            throw error
        }
    }

    @Test func `a lock that others hold is asked for again and again, while reads pass in between`() async throws {
        try await with { bench, one in
            let two = try MigrationBench.schema(Self.one + "\n    n: { type: date }")
            try bench.plan(from: one, to: two)
            try await withOther(bench) { other in
                let (held, tell) = AsyncStream.makeStream(of: Void.self)
                let (ended, end) = AsyncStream.makeStream(of: Void.self)
                let holder = Task {
                    try await other.transaction(.write) { transaction in
                        try await transaction.execute(Statement("INSERT INTO \"as\" (id) VALUES (1)"))
                        tell.yield()
                        for await _ in ended { break }
                    }
                }
                for await _ in held { break }
                let runner = bench.runner {
                    $0.lockTimeout = .milliseconds(200)
                    $0.tries = 3
                }
                let folder = try bench.folder()
                let migrating = Task { try await runner.apply(folder, schema: two, planned: nil, allowsDestructive: false) }
                // Behind the waiting migration a read waits until its lock timeout. Without one it would wait as the migration does: for what
                // is held until the end of this test.
                for _ in 0..<5 { _ = try await other.query(Statement("SELECT count(*) FROM \"as\""), into: ValueRows()) }
                let error = await refusal { _ = try await migrating.value }
                #expect(error?.code == .locked)
                #expect(error?.details.first?.contains("(3 tries)") == true, "\(error?.details ?? [])")
                #expect(try await bench.runner().status(folder).pending.count == 1)
                // Once it is free, the same migration succeeds, also one that has begun to wait before.
                let again = Task {
                    try await bench.runner { $0.lockTimeout = .milliseconds(100) }.apply(
                        folder, schema: two, planned: nil, allowsDestructive: false)
                }
                try await Task.sleep(for: .milliseconds(150))
                end.yield()
                try await holder.value
                #expect(try await again.value.steps.count == 1)
                #expect(try await bench.count("as", where: "n IS NULL") == 1)
            }
        }
    }

    @Test func `an invalid index is dropped and built again, a valid one that was not noted is kept`() async throws {
        try await with { bench, one in
            let two = try MigrationBench.schema(Self.one.replacing("x: { type: string }", with: "x: { type: string, unique: true }"))
            try bench.plan(from: one, to: two)
            try await bench.run("INSERT INTO \"as\" VALUES (1, 'a')", "INSERT INTO \"as\" VALUES (2, 'a')")
            let error = await refusal { try await bench.apply(two) }
            #expect(error?.code == .failed)
            #expect(error?.fix.hasPrefix("remove the duplicates") == true)
            // What failed leaves nothing that costs writes.
            let select = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('\"as_x_key\"')"
            #expect(try await bench.rows(select) == [])
            // As a process that was killed leaves it.
            _ = try? await bench.database.session {
                try await $0.execute(Statement("CREATE UNIQUE INDEX CONCURRENTLY as_x_key ON \"as\" (x)"))
            }
            #expect(try await bench.rows(select) == [[.integer(0)]])
            try await bench.run("DELETE FROM \"as\" WHERE id = 2")
            #expect(try await bench.apply(two).steps.count == 1)
            #expect(try await bench.rows(select) == [[.integer(1)]])
            // As a process leaves it that was killed before it was noted.
            try await bench.run("DELETE FROM seaworthy_migrations")
            try await bench.database.transaction(.write) { transaction in
                try await MigrationStore(dialect: bench.dialect).write(one.canonicalJSON.compactText, now: 1, transaction)
            }
            #expect(try await bench.apply(two).steps.count == 1)
            #expect(try await bench.runner().drift(from: two) == [])
            try await bench.rollback(1)
            #expect(try await bench.rows(select) == [])
        }
    }

    @Test func `an index is built while others write`() async throws {
        try await with { bench, one in
            let two = try MigrationBench.schema(Self.one.replacing("x: { type: string }", with: "x: { type: string, index: true }"))
            try bench.plan(from: one, to: two)
            try await bench.run("INSERT INTO \"as\" SELECT i, 'x' || i FROM generate_series(1, 20000) i")
            let folder = try bench.folder()
            try await withOther(bench) { other in
                let migrating = Task { try await bench.runner().apply(folder, schema: two, planned: nil, allowsDestructive: false) }
                for key in 30_000..<30_050 {
                    try await other.transaction(.write) { _ = try await $0.execute(Statement("INSERT INTO \"as\" (id) VALUES (\(key))")) }
                }
                #expect(try await migrating.value.steps.count == 1)
            }
            #expect(try await bench.count("as") == 20_050)
            #expect(try await bench.runner().drift(from: two) == [])
        }
    }

    @Test func `ten nodes wait for one that builds an index, and none keeps it from that`() async throws {
        try await with { bench, one in
            let two = try MigrationBench.schema(
                Self.one.replacing("x: { type: string }", with: "x: { type: string, index: true, required: true, default: d }"))
            try bench.plan(from: one, to: two)
            try await bench.run("INSERT INTO \"as\" SELECT i, NULL FROM generate_series(1, 5000) i")
            let (folder, address) = (try bench.folder(), bench.address)
            let done = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        let node = try await PostgresDatabase.open(PostgresSettings(address))
                        let runner = MigrationRunner(node, dialect: PostgresDialect()) { 1_764_000_000_000_000 }
                        let count = try await runner.apply(folder, schema: two, planned: nil, allowsDestructive: false).steps.count
                        await node.close()
                        return count
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(done.filter { $0 > 0 } == [5])
            #expect(try await bench.count("as", where: "x = 'd'") == 5000)
        }
    }

    @Test func `a node that is at the tables for too long is told of, and nothing is changed`() async throws {
        try await with { bench, one in
            let folder = try bench.folder()
            try await withOther(bench) { other in
                try await other.session { session in
                    _ = try await session.query(Statement("SELECT pg_advisory_lock(\(MigrationLock.key))"), into: ValueRows())
                    let runner = bench.runner { $0.nodeTimeout = .milliseconds(100) }
                    let error = await refusal { _ = try await runner.apply(folder, schema: one, planned: nil, allowsDestructive: false) }
                    #expect(error?.code == .locked)
                }
            }
            try await bench.apply(one)
        }
    }

    @Test func `tables in schemas of the database are migrated where they are`() async throws {
        let text =
            "A:\n  dbSchema: Sales\n  key: id\n  fields:\n    id: { type: integer, generated: true }\n    x: { type: string, index: true }\n    r: { references: A, as: other }"
        let old = try MigrationBench.schema(text)
        let new = try MigrationBench.schema(
            text.replacing("A:\n  dbSchema: Sales", with: "A:\n  dbSchema: Sales\n  table: bs").replacing(
                "x: { type: string, index: true }", with: "\"y\": { type: string, renamedFrom: x, index: true, required: true, default: d }"
            ).replacing("r: { references: A, as: other }", with: "q: { type: date, unique: true }"))
        try await MigrationBench.with(.postgres) { bench in
            try bench.plan(from: Schema(name: "t", entities: []), to: old)
            try await bench.apply(old)
            #expect(try await bench.runner().drift(from: old) == [])
            try await bench.run("INSERT INTO \"Sales\".\"as\" (x) VALUES (NULL)")
            try bench.plan(from: old, to: new, allowsDestructive: true)
            try await bench.apply(new, allowsDestructive: true)
            #expect(try await bench.runner().drift(from: new) == [])
            #expect(try await bench.rows("SELECT \"y\" FROM \"Sales\".bs") == [[.text("d")]])
            #expect(try await bench.runner().hasRows(new.entities[0]))
            try await bench.rollback(1)
            #expect(try await bench.runner().drift(from: old) == [])
            let moved = try MigrationBench.schema(text.replacing("Sales", with: "Other"))
            let error = await refusal { try bench.plan(from: old, to: moved) }
            #expect(error?.code == .planRefused)
            let baseline = MigrationPlanner.baseline(of: old, time: 0)
            #expect(baseline.postgres.contains("-- baseline: [[\"Sales\",\"as\"]]"))
        }
    }

    @Test func `what is not a change of tables runs outside of a transaction too`() async throws {
        try await with { bench, one in
            bench.add("20260101000000_a", "-- no-transaction\n-- up\nVACUUM;\n-- down\n-- nothing to undo\n")
            #expect(try await bench.apply(one).steps.count == 1)
            try await bench.rollback(1)
            #expect(try await bench.runner().status(try bench.folder()).pending.count == 1)
        }
    }

    @Test func `names longer than PostgreSQL's get one of their own within the bound`() {
        let program = PostgresProgram(
            SchemaChange(from: Schema(name: "t", entities: []), to: Schema(name: "t", entities: [])), isPhased: true)
        #expect(program.constraint(["orders", "Buyer"], "fkey") == "orders_Buyer_fkey")
        let long = String(repeating: "ü", count: 31)
        let name = program.constraint([long, "a"], "required")
        #expect(name.utf8.count <= 63)
        #expect(name != program.constraint([long, "b"], "required"))
        #expect(name.hasSuffix("_required"))
    }
}
