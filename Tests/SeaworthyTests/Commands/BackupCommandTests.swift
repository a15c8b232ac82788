import Foundation
import PostgresServing
import SeaworthyMaintenance
import SeaworthySchema
import Testing

@testable import Seaworthy

@Suite struct `seaworthy backup` {
    private static let schema = """
        name: shop
        entities:
          Item:
            key: ItemID
            fields:
              ItemID: { type: integer, generated: true }
              Name: { type: text }
            access: { anyone: { read: true, create: true } }
        """
    private static let environment = ["BACKUP_DIR": "backups", "BACKUP_ENCRYPTION_KEY": "4fd1c0de77ab90e2135688f0a9c3b7d2"]

    private func folder(rows: Int = 3) async throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(Self.schema, to: "seaworthy.yaml")
        try folder.write("Name\n" + (1...rows).map { "item \($0)\n" }.joined(), to: "items.csv")
        let outcome = try await SeaworthyProcess.run(["import", "Item", "items.csv"], in: folder.url)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return folder
    }

    private func run(
        _ arguments: String..., in folder: TemporaryFolder, environment: [String: String] = environment
    ) async throws -> SeaworthyProcess.Outcome {
        try await SeaworthyProcess.run(["backup"] + arguments, in: folder.url, environment: environment)
    }

    private func names(_ folder: TemporaryFolder) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/backups")) ?? []).sorted()
    }

    @Test func `creates, lists, verifies and restores`() async throws {
        let folder = try await folder()
        #expect(try await run("list", in: folder).output == "no backups\n")
        let created = try await run("create", in: folder)
        #expect(created.status == 0, "\(created.errors)")
        let id = String(created.output.prefix { $0 != ":" })
        #expect(
            created.output.hasPrefix("seaworthy_db-2") && created.output.contains(": 13 tables, 5 rows, ")
                && created.output.contains("encrypted"))
        let list = try await run("list", "--json", in: folder)
        guard case .object(let report) = try JSONParser.parse(list.output), case .array(let backups)? = report["backups"],
            case .object(let backup)? = backups.first
        else { return #expect(Bool(false), "\(list.output)") }
        #expect(backup["id"] == .string(id) && backup["rows"] == 5 && backup["verifiedAt"] == .null && backup["problem"] == .null)
        if case .string(let hash)? = backup["schemaHash"] {
            #expect(hash.count == 64)
        } else {
            #expect(Bool(false), "no hash of the schema")
        }

        let verified = try await run("verify", in: folder)
        #expect(verified.output.hasPrefix("\(id): restored and compared, 13 tables and 5 rows are as they were, in "))
        #expect(try await run("list", in: folder).output.contains("  5 rows  encrypted  verified 2"))

        let refused = try await run("restore", in: folder)
        #expect(refused.status == 1 && refused.output.isEmpty && refused.errors.hasSuffix("[backup.target_not_empty]\n"))
        try FileManager.default.removeItem(atPath: folder.path + "/items.csv")
        try folder.write("Name\nlater\n", to: "more.csv")
        _ = try await SeaworthyProcess.run(["import", "Item", "more.csv"], in: folder.url)
        let restored = try await run("restore", id, "--force", in: folder)
        #expect(
            restored.status == 0 && restored.output.contains("restored 13 tables and 5 rows, compared every table"), "\(restored.errors)")
        #expect(restored.output.contains("\nwhat was there is kept as \(folder.path)/seaworthy.db.before-"))
        let exported = try await SeaworthyProcess.run(["export", "Item"], in: folder.url)
        #expect(exported.output.split(whereSeparator: \.isNewline).count == 4)
        let pruned = try await run("prune", "--dry-run", "--json", in: folder)
        #expect(pruned.status == 0 && pruned.output.contains("\"removed\": []"))
        #expect(try await run("prune", in: folder).output == "0 backup(s) removed\n")
    }

    @Test func `says what is wrong, and exits with 1; wrong usage is 64`() async throws {
        let folder = try await folder()
        _ = try await run("create", in: folder)
        let cases: [([String], [String: String], Int32, String)] = [
            (["verify"], ["BACKUP_DIR": "backups"], 1, "[backup.key_missing]"),
            (["verify"], ["BACKUP_DIR": "backups", "BACKUP_ENCRYPTION_KEY": "00c1c0de77ab90e2135688f0a9c3b7d2"], 1, "[backup.wrong_key]"),
            (["verify", "none"], Self.environment, 1, "[backup.not_found]"), (["list"], [:], 1, "no place for backups is set"),
            (["create"], ["BACKUP_DIR": "b", "DATABASE_URL": "sqlite::memory:"], 1, "SQLite in memory has no backups"),
            (["create"], ["BACKUP_DIR": "b", "DATABASE_URL": "sqlite:none.db"], 1, "there is no database at"),
            (["create"], ["BACKUP_DIR": "seaworthy.yaml"], 1, "[backup.store_failed]"),
            (["create", "x"], Self.environment, 64, "Unexpected argument"), (["nope"], Self.environment, 64, "nope"),
        ]
        for (arguments, environment, status, text) in cases {
            let outcome = try await SeaworthyProcess.run(["backup"] + arguments, in: folder.url, environment: environment)
            #expect(outcome.status == status && outcome.errors.contains(text), "\(arguments): \(outcome.status) \(outcome.errors)")
            #expect(!outcome.errors.contains("c0de77ab"))
        }
        #expect(!folder.exists("none.db"))
    }

    @Test func `a process killed in the middle of a backup leaves none, and nothing after the next`() async throws {
        let folder = try await folder(rows: 60_000)
        var kills = 0
        for attempt in 0..<20 where kills < 3 {
            let process = try SeaworthyProcess.start(["backup", "create"], in: folder.url, environment: Self.environment)
            let before = names(folder).count
            // At another moment each time: when the copy is made, when data is written, a little later.
            while process.isRunning, names(folder).count == before, !(attempt.isMultiple(of: 3) && hasScratch(folder)) {
                try await Task.sleep(for: .milliseconds(1))
            }
            try await Task.sleep(for: .milliseconds(attempt % 4 * 3))
            process.send(SIGKILL)
            if await process.ended().status != 0 { kills += 1 }
            let list = try await run("list", in: folder)
            #expect(list.status == 0 && !list.output.contains("NOT USABLE"), "\(list.output)")
        }
        #expect(kills > 0)
        let made = try await run("create", in: folder)
        #expect(made.status == 0, "\(made.errors)")
        #expect(!hasScratch(folder) && !names(folder).contains { $0.hasSuffix(".unfinished") })
        let ids = Set(names(folder).map { $0.prefix { $0 != "." } })
        #expect(ids.allSatisfy { names(folder).contains("\($0).manifest.json") && names(folder).contains("\($0).backup") })
        #expect(try await run("verify", in: folder).status == 0)
    }

    @Test func `on PostgreSQL a process killed in the middle leaves no backup, and no scratch database after the next`() async throws {
        let folder = try TemporaryFolder()
        let server = try await PostgresServer.running()
        let address = try await server.makeDatabase()
        let environment = Self.environment.merging(["DATABASE_URL": address, "TMPDIR": folder.path]) { $1 }
        try await server.shell(
            server.name(of: address),
            "CREATE TABLE t (a integer, b text); INSERT INTO t SELECT g, md5(g::text) FROM generate_series(1, 300000) AS g")
        let scratch =
            "SELECT count(*) FROM pg_database WHERE starts_with(datname, 'seaworthy_verify_' || (SELECT oid FROM pg_database WHERE datname = '\(server.name(of: address))') || '_')"
        var kills = 0
        for attempt in 0..<10 where kills < 2 {
            let process = try SeaworthyProcess.start(["backup", "create"], in: folder.url, environment: environment)
            while process.isRunning, !names(folder).contains(where: { $0.hasSuffix(".unfinished") }) {
                try await Task.sleep(for: .milliseconds(1))
            }
            try await Task.sleep(for: .milliseconds(attempt * 20))
            process.send(SIGKILL)
            if await process.ended().status != 0 { kills += 1 }
            #expect(try await !run("list", in: folder, environment: environment).output.contains("NOT USABLE"))
        }
        #expect(kills > 0)
        let made = try await run("create", in: folder, environment: environment)
        #expect(made.status == 0 && !names(folder).contains { $0.hasSuffix(".unfinished") }, "\(made.errors)")

        let process = try SeaworthyProcess.start(["backup", "verify"], in: folder.url, environment: environment)
        while process.isRunning, try await server.shell("postgres", scratch) == "0" { try await Task.sleep(for: .milliseconds(5)) }
        process.send(SIGKILL)
        _ = await process.ended()
        let verified = try await run("verify", in: folder, environment: environment)
        #expect(verified.output.contains("1 tables and 300000 rows are as they were"), "\(verified.errors)")
        #expect(try await server.shell("postgres", scratch) == "0")
        #expect(!hasScratch(folder))
    }

    private func hasScratch(_ folder: TemporaryFolder) -> Bool {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).contains { $0.hasPrefix("seaworthy-backup-") }
    }

    @Test func `serve makes the backup that is due, verifies it, and says so`() async throws {
        let folder = try await folder()
        let (process, _) = try await SeaworthyProcess.serve(
            in: folder.url, environment: Self.environment.merging(["BACKUP_SCHEDULE": "0 3 * * *"]) { $1 })
        while !names(folder).contains(where: { $0.hasSuffix(".verified.json") }), process.isRunning {
            try await Task.sleep(for: .milliseconds(20))
        }
        // Nobody restores under a running server.
        let refused = try await run("restore", "--force", in: folder)
        #expect(refused.status == 1 && refused.errors.contains("[backup.target_in_use]"), "\(refused.errors)")
        let outcome = await process.stop()
        #expect(
            outcome.status == 0 && outcome.output.contains(#""message":"backup made""#)
                && outcome.output.contains(#""message":"backup verified""#))
        #expect(names(folder).count == 3)
        // Not again before it is due.
        let (again, _) = try await SeaworthyProcess.serve(
            in: folder.url, environment: Self.environment.merging(["BACKUP_SCHEDULE": "0 3 * * *", "LOG_LEVEL": "info"]) { $1 })
        while !again.log.contains(#""message":"newest backup""#), again.isRunning { try await Task.sleep(for: .milliseconds(20)) }
        await again.stop()
        #expect(again.log.contains(#""lastVerified":"2"#) && again.log.contains(#""ageSeconds":"#) && names(folder).count == 3)
    }

    @Test func `a failed backup is tried again after a pause that grows, a good one waits for the schedule`() throws {
        let folder = try TemporaryFolder()
        let settings = try Settings.load(
            environment: ["APP_ENV": "test", "BACKUP_DIR": "b", "BACKUP_SCHEDULE": "*/30 * * * *"], workingDirectory: folder.path)
        let logger = Logs(settings.log, secrets: [], descriptor: 2).logger("test")
        let keeper = BackupKeeper(
            backups: try ConfiguredBackups.make(settings, logger: logger), schedule: try #require(settings.backup.schedule), logger: logger)
        let now: Int64 = 1_795_609_200_000_000
        #expect(keeper.rest(after: 0, now: now) == .seconds(600))
        #expect([1, 2, 3, 50].map { keeper.rest(after: $0, now: now) } == [.seconds(60), .seconds(120), .seconds(240), .seconds(3600)])
    }
}
