import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthyMaintenance

@Suite struct MigrationRunnerTests {
    private static let one = "A:\n  key: id\n  fields:\n    id: { type: integer, generated: true }\n    x: { type: string }"
    private static let two = one + "\n    \"y\": { type: string, index: true }"

    private func schemas() throws -> (empty: Schema, one: Schema, two: Schema) {
        (Schema(name: "t", entities: []), try MigrationBench.schema(Self.one), try MigrationBench.schema(Self.two))
    }

    private func states(_ bench: MigrationBench) async throws -> [MigrationStatus.State] {
        try await bench.runner().status(try bench.folder()).entries.map(\.state)
    }

    @Test(arguments: MigratedDatabase.allCases)
    func `applies what is pending once, in order, and tells what it did`(_ kind: MigratedDatabase) async throws {
        let (empty, one, two) = try schemas()
        try await MigrationBench.with(kind) { bench in
            #expect(try await bench.apply(empty).steps == [])
            try bench.plan(from: empty, to: one)
            #expect(try await states(bench) == [.pending])
            #expect(try await bench.apply(one).steps.map { $0.name.dropFirst(14) } == ["_init"])
            #expect(try await bench.runner().storedSchema() == one)
            try bench.plan(from: one, to: two, name: "second")
            let outcome = try await bench.apply(two)
            #expect(outcome.steps.map { $0.name.dropFirst(15) } == ["second", "second_index"])
            #expect(outcome.steps.allSatisfy { $0.duration != nil })
            #expect(outcome.notes == [])
            #expect(try await states(bench) == [.applied, .applied, .applied])
            let rows = try await bench.rows("SELECT name, checksum, applied_at, duration FROM seaworthy_migrations ORDER BY name")
            let again = try await bench.apply(two)
            #expect(again == MigrationRunner.Outcome())
            #expect(try await bench.rows("SELECT name, checksum, applied_at, duration FROM seaworthy_migrations ORDER BY name") == rows)
            let checksums = try bench.folder().migrations.map(\.checksum)
            #expect(rows.map { $0[1].plain } == checksums)
            #expect(rows.allSatisfy { $0[2].number > 1_764_000_000_000_000 && $0[3].number >= 0 })
        }
    }

    @Test(arguments: MigratedDatabase.allCases)
    func `an edited, a missing and a late file are told apart`(_ kind: MigratedDatabase) async throws {
        let (_, one, _) = try schemas()
        try await MigrationBench.with(kind) { bench in
            bench.add("20260101000000_a", "-- up\nCREATE TABLE a (b integer);\n-- down\nDROP TABLE a;\n")
            bench.add("20260103000000_c", "-- up\nCREATE TABLE c (b integer);\n-- down\nDROP TABLE c;\n")
            try await bench.apply(one)
            bench.add("20260102000000_b", "-- up\nCREATE TABLE b (b integer);\n-- down\nDROP TABLE b;\n")
            #expect(try await states(bench) == [.applied, .outOfOrder, .applied])
            let outcome = try await bench.apply(one)
            #expect(outcome.steps.map(\.name) == ["20260102000000_b"])
            #expect(outcome.notes.first == "20260102000000_b is applied behind later ones, which were applied before")
            bench.replace { files in
                for index in files.indices where files[index].name.contains("_a.") { files[index].text += "\n-- more\n" }
            }
            #expect(try await states(bench) == [.edited, .applied, .applied])
            bench.add("20260104000000_d", "-- up\nCREATE TABLE d (b integer);\n-- down\nDROP TABLE d;\n")
            for action in [{ _ = try await bench.apply(one) }, { _ = try await bench.rollback(1) }] {
                let error = await refusal(action)
                #expect(error?.code == .invalidMigration)
                #expect(error?.details == ["20260101000000_a: its file was changed after it was applied"])
            }
            bench.replace { $0.removeAll { $0.name.contains("_a.") } }
            #expect(try await states(bench) == [.missing, .applied, .applied, .pending])
            let error = await refusal { try await bench.apply(one) }
            #expect(error?.details == ["20260101000000_a: it was applied, and its file is gone"])
        }
    }

    @Test(arguments: MigratedDatabase.allCases)
    func `a statement that the database refuses takes its migration back, and is named by file and line`(_ kind: MigratedDatabase)
        async throws
    {
        let (_, one, _) = try schemas()
        try await MigrationBench.with(kind) { bench async throws in
            bench.add("20260101000000_a", "-- up\nCREATE TABLE a (b integer);\n-- down\nDROP TABLE a;\n")
            bench.add("20260102000000_b", "-- up\nCREATE TABLE b (b integer);\n\nINSERT INTO nowhere VALUES (1);\n-- down\nDROP TABLE b;\n")
            let error = await refusal { try await bench.apply(one) }
            #expect(error?.code == .failed)
            #expect(error?.details.first?.hasPrefix("20260102000000_b.\(kind.rawValue).sql:4: ") == true)
            #expect(error?.details.first?.contains("nowhere") == true)
            #expect(try await states(bench) == [.applied, .pending])
            #expect(try await bench.tables(["a", "b"]) == ["a"])
        }
    }

    @Test(arguments: MigratedDatabase.allCases)
    func `rolls back the last plan with all its parts, then the one before`(_ kind: MigratedDatabase) async throws {
        let (empty, one, two) = try schemas()
        try await MigrationBench.with(kind) { bench in
            try bench.plan(from: empty, to: one)
            try await bench.apply(one)
            let structure = try await bench.structure()
            try bench.plan(from: one, to: two)
            try await bench.apply(two)
            let outcome = try await bench.rollback(1)
            #expect(outcome.steps.count == 2)
            #expect(try await bench.structure() == structure)
            #expect(try await bench.runner().storedSchema() == one)
            #expect(try await states(bench) == [.applied, .pending, .pending])
            try await bench.apply(two)
            #expect(try await bench.rollback(2).steps.count == 3)
            #expect(try await bench.structure() == [])
            #expect(try await bench.rollback(1).steps == [])
            try await bench.apply(two)
            #expect(try await bench.runner().storedSchema() == two)
        }
    }

    // MARK: Databases that were made before

    @Test(arguments: MigratedDatabase.allCases)
    func `a baseline is noted where its tables are, and run where they are not`(_ kind: MigratedDatabase) async throws {
        let (_, one, two) = try schemas()
        let baseline = MigrationPlanner.baseline(of: one, time: 1_763_000_000_000_000)
        for isMade in [true, false] {
            try await MigrationBench.with(kind) { bench in
                if isMade { try await bench.make(one) }
                bench.replace { files in
                    files.append(.init(name: "\(baseline.name).sqlite.sql", text: baseline.sqlite))
                    files.append(.init(name: "\(baseline.name).postgres.sql", text: baseline.postgres))
                }
                try bench.plan(from: one, to: two)
                let outcome = try await bench.apply(two)
                #expect(outcome.steps.map { $0.duration == nil } == [isMade, false, false])
                #expect(try await states(bench) == [isMade ? .noted : .applied, .applied, .applied])
                #expect(try await bench.runner().drift(from: two) == [])
                try await bench.rollback(1)
                let error = await refusal { try await bench.rollback(1) }
                #expect(error?.code == .planRefused)
                #expect(try await bench.runner().drift(from: one) == [])
            }
        }
    }

    @Test(arguments: MigratedDatabase.allCases)
    func `tables that something else made are a baseline too, all of them or none`(_ kind: MigratedDatabase) async throws {
        let schema = try MigrationBench.schema(
            "A:\n  key: id\n  fields:\n    id: { type: integer }\nB:\n  key: id\n  fields:\n    id: { type: integer }")
        let baseline = MigrationPlanner.baseline(of: schema, time: 1_763_000_000_000_000)
        try await MigrationBench.with(kind) { bench in
            bench.replace { files in
                files.append(.init(name: "\(baseline.name).sqlite.sql", text: baseline.sqlite))
                files.append(.init(name: "\(baseline.name).postgres.sql", text: baseline.postgres))
            }
            try await bench.run("CREATE TABLE \"as\" (id integer PRIMARY KEY)")
            let error = await refusal { try await bench.apply(schema) }
            #expect(error?.code == .conflict)
            #expect(error?.details.first?.contains("not «bs»") == true)
            try await bench.run("CREATE TABLE bs (id integer PRIMARY KEY)", "INSERT INTO bs VALUES (1)")
            #expect(try await bench.apply(schema).steps.map(\.duration) == [nil])
            #expect(try await bench.runner().isAt(schema))
            #expect(try await bench.count("bs") == 1)
        }
    }

    @Test(arguments: MigratedDatabase.allCases)
    func `what a start in development made already is noted and not run`(_ kind: MigratedDatabase) async throws {
        let (empty, one, two) = try schemas()
        try await MigrationBench.with(kind) { bench in
            try bench.plan(from: empty, to: one)
            try bench.plan(from: one, to: two)
            try await bench.make(two)
            #expect(try await bench.apply(two).steps.map(\.duration) == [nil, nil, nil])
            #expect(try await states(bench) == [.noted, .noted, .noted])
            // The way back of what was noted is that of the file.
            try await bench.rollback(1)
            #expect(try await bench.runner().drift(from: one) == [])
            #expect(try await bench.runner().isAt(one))
        }
    }

    @Test(arguments: MigratedDatabase.allCases)
    func `there and back again is run and not noted`(_ kind: MigratedDatabase) async throws {
        let (empty, one, two) = try schemas()
        try await MigrationBench.with(kind) { bench in
            try bench.plan(from: empty, to: one)
            try await bench.apply(one)
            try bench.plan(from: one, to: two)
            try bench.plan(from: two, to: one, allowsDestructive: true)
            let outcome = try await bench.apply(one, allowsDestructive: true)
            #expect(outcome.steps.count == 3)
            #expect(outcome.steps.allSatisfy { $0.duration != nil })
        }
    }

    @Test(arguments: MigratedDatabase.allCases)
    func `rules that changed are stored, and what no migration has is told`(_ kind: MigratedDatabase) async throws {
        let (empty, one, two) = try schemas()
        try await MigrationBench.with(kind) { bench in
            try bench.plan(from: empty, to: one)
            try await bench.apply(one)
            let ruled = try MigrationBench.schema(Self.one + "\n  access: { anyone: { read: true } }")
            #expect(try await bench.apply(ruled).notes == [])
            #expect(try await bench.runner().storedSchema() == ruled)
            #expect(try await bench.apply(two).notes == ["the schema has changes that no migration has; seaworthy migrate plan writes one"])
            #expect(try await bench.runner().storedSchema() == ruled)
        }
    }

    // MARK: Drift

    @Test(arguments: MigratedDatabase.allCases)
    func `drift is told column by column`(_ kind: MigratedDatabase) async throws {
        let schema = try MigrationBench.schema(
            "A:\n  key: id\n  fields:\n    id: { type: integer }\n    x: { type: string, index: true }\n    \"y\": { type: string }\n    r: { references: A, as: other }\n    q: { type: string, required: true }\nB:\n  key: id\n  fields:\n    id: { type: integer }\nV:\n  readOnly: true\n  key: id\n  fields:\n    id: { type: integer }\n    n: { type: string }"
        )
        try await MigrationBench.with(kind) { bench in
            #expect(
                try await bench.runner().drift(from: schema) == [
                    "there is no table «as»", "there is no table «bs»", "there is no view «vs»",
                ])
            try await bench.run(
                "CREATE TABLE \"as\" (id bigint, x integer NOT NULL, r bigint, q text, extra text, PRIMARY KEY (x))",
                "CREATE UNIQUE INDEX theirs ON \"as\" (q)", "CREATE VIEW bs AS SELECT 1 AS id", "CREATE VIEW vs AS SELECT 1 AS id")
            let integer = kind == .sqlite ? "INTEGER, not TEXT" : "integer, not text"
            #expect(
                try await bench.runner().drift(from: schema) == [
                    "the column «x» of «as» is \(integer)", "there is no column «y» of «as»", "the column «q» of «as» may be null",
                    "the column «extra» of «as» is not in the schema, and stays", "the key of «as» is (x), not (id)",
                    "«as» has no reference of (r) to «as»", "there is no index «as_x_idx» of «as»",
                    "the unique index «theirs» of «as» is not in the schema, and stays", "«bs» is a view, not a table",
                    "there is no column «n» of «vs»",
                ])
        }
    }

    @Test(arguments: MigratedDatabase.allCases)
    func `a reference that the schema does not know is told and stays`(_ kind: MigratedDatabase) async throws {
        let schema = try MigrationBench.schema("A:\n  key: id\n  fields:\n    id: { type: integer }\n    r: { type: integer }")
        try await MigrationBench.with(kind) { bench in
            let integer = kind == .sqlite ? "INTEGER" : "bigint"
            try await bench.run("CREATE TABLE \"as\" (id \(integer) PRIMARY KEY, r \(integer) REFERENCES \"as\" (id))")
            #expect(try await bench.runner().drift(from: schema) == ["the reference of «as» (r) to «as» is not in the schema, and stays"])
        }
    }

    // MARK: Many at once

    @Test(arguments: MigratedDatabase.allCases)
    func `of ten that apply at once one does it`(_ kind: MigratedDatabase) async throws {
        let (empty, one, two) = try schemas()
        try await MigrationBench.with(kind) { bench in
            try bench.plan(from: empty, to: one)
            try bench.plan(from: one, to: two)
            let folder = try bench.folder()
            let done = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        try await bench.runner().apply(folder, schema: two, planned: nil, allowsDestructive: false).steps.count
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(done.sorted() == [0, 0, 0, 0, 0, 0, 0, 0, 0, 3])
            #expect(try await bench.runner().drift(from: two) == [])
        }
    }

    @Test(arguments: MigratedDatabase.allCases)
    func `ten starts in development on one empty database make it once`(_ kind: MigratedDatabase) async throws {
        let two = try schemas().two
        try await MigrationBench.with(kind) { bench in
            let done = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<10 {
                    group.addTask { try await SchemaStore(bench.database, dialect: bench.dialect).apply(two, now: 1).changes.count }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(done.filter { $0 > 0 }.count == 1)
        }
    }

    @Test(arguments: MigratedDatabase.allCases)
    func `an apply that is cancelled in the middle leaves nothing, and the next one goes on`(_ kind: MigratedDatabase) async throws {
        let (_, one, _) = try schemas()
        let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        try await MigrationBench.with(kind) { bench in
            bench.add("20260101000000_a", "-- up\nCREATE TABLE a (b integer);\n\(endless);\n-- down\nDROP TABLE a;\n")
            let task = Task { try await bench.apply(one) }
            try await Task.sleep(for: .milliseconds(300))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await states(bench) == [.pending])
            bench.replace { files in
                for index in files.indices { files[index].text = files[index].text.replacing("\(endless);\n", with: "") }
            }
            #expect(try await bench.apply(one).steps.count == 1)
            #expect(try await bench.tables(["a"]) == ["a"])
        }
    }
}
