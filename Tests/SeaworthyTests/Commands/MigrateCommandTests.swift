import Foundation
import PostgresServing
import SeaworthySchema
import Testing

/// `seaworthy migrate` and what a start makes of migrations, as processes of their own.
@Suite struct `The migrate command` {
    private static let first = """
        name: shop
        entities:
          Shelf:
            key: Code
            fields:
              Code: { type: string, max: 4 }
              Width: { type: integer }
            access: { anyone: { read: true, create: true } }
        """
    private static let second = first.replacing(
        "Width: { type: integer }",
        with:
            "Depth: { type: decimal, precision: 18, scale: 1, renamedFrom: Width }\n      Kind: { type: string, required: true, default: oak, index: true }"
    )
    private static let production = ["APP_ENV": "production", "SECRET_KEYS": "7c1d9be2f04a5836e9b7aa01c3d2f6588d41be70"]

    private func folder(_ schema: String = first) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(schema, to: "seaworthy.yaml")
        return folder
    }

    private func migrate(
        _ arguments: [String], in folder: TemporaryFolder, _ environment: [String: String] = [:]
    ) async throws -> SeaworthyProcess.Outcome {
        try await SeaworthyProcess.run(["migrate"] + arguments, in: folder.url, environment: environment)
    }

    private func files(_ folder: TemporaryFolder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/migrations").sorted()
    }

    private func object(_ text: String) throws -> JSONObject {
        guard case .object(let object) = try JSONParser.parse(text) else { return JSONObject() }
        return object
    }

    @Test func `plans, applies, tells and takes back`() async throws {
        let folder = try folder()
        let planned = try await migrate(["plan"], in: folder)
        #expect(planned.status == 0, "\(planned.errors)")
        #expect(planned.output.contains("create table «shelfs»"))
        let names = try files(folder)
        #expect(names.count == 3)
        #expect(names.contains("schema.json"))
        #expect(names[0].wholeMatch(of: /20[0-9]{12}_init\.postgres\.sql/) != nil)
        // A plan makes no database.
        #expect(!folder.exists("seaworthy.db"))
        let pending = try await migrate(["status"], in: folder)
        #expect(pending.status == 1)
        #expect(pending.output.contains("_init: pending\n1 pending, 0 not in order"))
        #expect(!folder.exists("seaworthy.db"))
        let applied = try await migrate(["apply"], in: folder)
        #expect(applied.status == 0, "\(applied.errors)")
        #expect(applied.output.contains("_init: applied in "))
        #expect(try await migrate(["apply"], in: folder).output == "nothing to apply\n")
        #expect(try await migrate(["status"], in: folder).status == 0)
        try folder.write("Code,Width\nA,7\nB,\n", to: "shelves.csv")
        #expect(try await SeaworthyProcess.run(["import", "Shelf", "shelves.csv"], in: folder.url).status == 0)

        try folder.write(Self.second, to: "seaworthy.yaml")
        let plan = try await migrate(["plan", "--name", "deeper", "--json"], in: folder)
        let report = try object(plan.output)
        #expect(report["destructive"] == false)
        guard case .array(let written)? = report["files"] else { return #expect(Bool(false)) }
        #expect(written.count == 4)
        #expect(try await migrate(["plan"], in: folder).output.contains("nothing to migrate"))
        let json = try object(try await migrate(["apply", "--json"], in: folder).output)
        guard case .array(let steps)? = json["migrations"] else { return #expect(Bool(false)) }
        #expect(steps.count == 2)
        let exported = try await SeaworthyProcess.run(["export", "Shelf", "--format", "csv"], in: folder.url)
        #expect(exported.output == "Code,Depth,Kind\r\nA,7.0,oak\r\nB,,oak\r\n")
        let status = try object(try await migrate(["status", "--json"], in: folder).output)
        #expect(status["current"] == true)
        #expect(try await migrate(["rollback"], in: folder).output.contains("2 migrations done"))
        #expect(try await migrate(["status"], in: folder).output.contains("2 pending, 0 not in order"))
        try folder.write(Self.first, to: "seaworthy.yaml")
        #expect(
            try await SeaworthyProcess.run(["export", "Shelf", "--format", "csv"], in: folder.url).output == "Code,Width\r\nA,7\r\nB,\r\n")
    }

    @Test func `what drops is refused by plan and by apply without the flag, and named`() async throws {
        let folder = try folder()
        _ = try await migrate(["plan"], in: folder)
        _ = try await migrate(["apply"], in: folder)
        try folder.write(Self.first.replacing("\n      Width: { type: integer }", with: ""), to: "seaworthy.yaml")
        let refused = try await migrate(["plan"], in: folder)
        #expect(refused.status == 1)
        #expect(refused.errors.contains("drops the column «Width» of «shelfs» with its values"))
        #expect(refused.errors.contains("--allow-destructive"))
        #expect(try files(folder).count == 3)
        #expect(try await migrate(["plan", "--allow-destructive"], in: folder).status == 0)
        let kept = try await migrate(["apply"], in: folder)
        #expect(kept.status == 1)
        #expect(kept.errors.contains("--allow-destructive"))
        let started = try await SeaworthyProcess.run(
            ["serve"], in: folder.url, environment: Self.production.merging(["MIGRATE_ON_START": "true", "PORT": "0"]) { $1 })
        #expect(started.status == 1)
        #expect(started.errors.contains("--allow-destructive"))
        #expect(try await migrate(["apply", "--allow-destructive"], in: folder).status == 0)
    }

    @Test func `a database made before gets a baseline that it only notes`() async throws {
        let folder = try folder()
        try folder.write("Code,Width\nA,7\n", to: "shelves.csv")
        #expect(try await SeaworthyProcess.run(["import", "Shelf", "shelves.csv"], in: folder.url).status == 0)
        try folder.write(Self.second, to: "seaworthy.yaml")
        let plan = try await migrate(["plan", "--name", "deeper"], in: folder)
        #expect(plan.output.contains("is its baseline"), "\(plan.errors)")
        #expect(try files(folder).count == 7)
        let applied = try await migrate(["apply"], in: folder)
        #expect(applied.output.contains("_baseline: noted, the database had it already"), "\(applied.errors)")
        #expect(
            try await SeaworthyProcess.run(["export", "Shelf", "--format", "csv"], in: folder.url).output
                == "Code,Depth,Kind\r\nA,7.0,oak\r\n")
        // Elsewhere the same files make an empty database.
        let other = try await migrate(["apply"], in: folder, ["DATABASE_URL": "sqlite:other.db"])
        #expect(other.output.contains("_baseline: applied in "))
    }

    @Test func `rows that would have no value, drift and wrong use are told`() async throws {
        let folder = try folder()
        try folder.write("Code,Width\nA,7\n", to: "shelves.csv")
        _ = try await SeaworthyProcess.run(["import", "Shelf", "shelves.csv"], in: folder.url)
        _ = try await migrate(["plan"], in: folder)
        _ = try await migrate(["apply"], in: folder)
        try folder.write(
            Self.first.replacing(
                "Width: { type: integer }", with: "Width: { type: integer }\n      Kind: { type: string, required: true }"),
            to: "seaworthy.yaml")
        let refused = try await migrate(["plan"], in: folder)
        #expect(refused.status == 1)
        #expect(refused.errors.contains("Shelf.Kind is required and has no default, and «shelfs» has rows"))
        _ = try await SQLiteShell.rows("ALTER TABLE shelfs ADD COLUMN theirs TEXT", in: folder.url.appendingPathComponent("seaworthy.db"))
        #expect(
            try await migrate(["status"], in: folder).output.contains("the column «theirs» of «shelfs» is not in the schema, and stays"))
        for wrong in [["plan", "--name", "a b"], ["rollback", "--steps", "0"], ["plan", "--nmae", "x"], ["aply"]] {
            #expect(try await migrate(wrong, in: folder).status == 64)
        }
        try FileManager.default.removeItem(atPath: "\(folder.path)/migrations/schema.json")
        #expect(try await migrate(["plan"], in: folder).errors.contains("there are migrations, and no migrations/schema.json"))
        try folder.write("{", to: "migrations/schema.json")
        #expect(try await migrate(["plan"], in: folder).errors.contains("migrations/schema.json is not a schema that this version wrote"))
        try folder.write("x", to: "migrations/notes.sql")
        #expect(try await migrate(["status"], in: folder).errors.contains("notes.sql: it is not named"))
    }

    // MARK: Starting

    @Test func `production starts only with every migration, or makes it so when told`() async throws {
        let folder = try folder()
        _ = try await migrate(["plan"], in: folder)
        let none = try await SeaworthyProcess.run(["serve"], in: folder.url, environment: Self.production)
        #expect(none.status == 1)
        #expect(none.errors.contains("there is no database at"))
        #expect(none.errors.contains("seaworthy migrate apply"))
        #expect(try await migrate(["apply"], in: folder, Self.production).status == 0)
        let (server, _) = try await SeaworthyProcess.serve(in: folder.url, environment: Self.production)
        await server.stop()
        try folder.write(Self.second, to: "seaworthy.yaml")
        // A schema that no migration has.
        let unplanned = try await SeaworthyProcess.run(["serve"], in: folder.url, environment: Self.production)
        #expect(unplanned.status == 1)
        #expect(unplanned.errors.contains("run seaworthy migrate plan"))
        #expect(try await migrate(["plan"], in: folder).status == 0)
        let pending = try await SeaworthyProcess.run(["serve"], in: folder.url, environment: Self.production)
        #expect(pending.status == 1)
        #expect(pending.errors.contains("is pending"))
        #expect(pending.errors.contains("MIGRATE_ON_START=true"))
        let (migrated, _) = try await SeaworthyProcess.serve(
            in: folder.url, environment: Self.production.merging(["MIGRATE_ON_START": "true"]) { $1 })
        let log = await migrated.stop().output
        #expect(log.contains("migration 20"))
        let (again, _) = try await SeaworthyProcess.serve(in: folder.url, environment: Self.production)
        await again.stop()
    }

    @Test(arguments: ["sqlite", "postgres"])
    func `ten nodes start on one empty database: one migrates, all serve`(_ kind: String) async throws {
        let folder = try folder()
        _ = try await migrate(["plan"], in: folder)
        try folder.write(Self.second, to: "seaworthy.yaml")
        _ = try await migrate(["plan"], in: folder)
        var environment = Self.production.merging(["MIGRATE_ON_START": "true", "DATABASE_POOL_SIZE": "2"]) { $1 }
        if kind == "postgres" { environment["DATABASE_URL"] = try await PostgresServer.running().makeDatabase() }
        let logs = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<10 {
                group.addTask { [environment] in
                    let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
                    let answer = try await APIClient(address: address).get("/v1/shelfs")
                    #expect(answer.status == 200)
                    return await process.stop().output
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        // On SQLite the parts of a plan may fall to several nodes; each is applied by one.
        let all = logs.joined()
        for name in Set(try files(folder).compactMap { $0.hasSuffix(".sqlite.sql") ? String($0.dropLast(11)) : nil }) {
            #expect(all.ranges(of: "migration \(name)\"").count == 1, "\(name)")
        }
        if kind == "postgres" { #expect(logs.filter { $0.contains("migration 20") }.count == 1) }
        #expect(try await migrate(["status"], in: folder, environment).status == 0)
    }

    @Test(arguments: ["sqlite", "postgres"])
    func `a server that is killed in the middle of a migration leaves nothing, and the next start is clean`(_ kind: String) async throws {
        let folder = try folder()
        _ = try await migrate(["plan"], in: folder)
        // The first never comes to its end, however quick the machine is; what is applied after the kill does at once.
        func write(slow: [String: String]) throws {
            for (database, statement) in slow {
                try folder.write(
                    "-- up\nCREATE TABLE half (a integer);\nINSERT INTO shelfs VALUES ('Z', 1);\n\(statement);\n-- down\nDROP TABLE half;\n",
                    to: "migrations/29991231000000_slow.\(database).sql")
            }
        }
        let endless = "SELECT count(*) FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 - 1 FROM n) SELECT i FROM n) AS m"
        try write(slow: ["sqlite": endless, "postgres": "SELECT pg_sleep(3600)"])
        var environment = Self.production.merging(["MIGRATE_ON_START": "true", "PORT": "0"]) { $1 }
        if kind == "postgres" { environment["DATABASE_URL"] = try await PostgresServer.running().makeDatabase() }
        let started = try SeaworthyProcess.starting(in: folder.url, environment: environment)
        // Until the first is applied and the second has begun.
        while !(try await migrate(["status"], in: folder, environment).output.contains("_init: applied")) {
            try await Task.sleep(for: .milliseconds(20))
        }
        if let url = environment["DATABASE_URL"] {
            let begun = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%'"
            while try await PostgresServer.running().shell(at: url, begun).isEmpty { try await Task.sleep(for: .milliseconds(20)) }
        }
        started.send(SIGKILL)
        _ = await started.ended()
        // A session of PostgreSQL does not see that its client is gone before its statement ends.
        if let url = environment["DATABASE_URL"] { try await PostgresServer.running().endSessions(of: url) }
        try write(slow: ["sqlite": "SELECT 1", "postgres": "SELECT 1"])
        let status = try await migrate(["status"], in: folder, environment)
        #expect(status.output.contains("_slow: pending"), "\(status.output)")
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
        #expect(try await APIClient(address: address).get("/v1/shelfs").status == 200)
        await process.stop()
        #expect(try await migrate(["status"], in: folder, environment).status == 0)
    }
}
