import Foundation
import SeaworthyMaintenance
import SeaworthySchema
import Testing

@testable import Seaworthy

@Suite struct `A restore to a moment` {
    private static let schema = """
        name: shop
        entities:
          Item:
            key: ItemID
            fields:
              ItemID: { type: integer, generated: true }
              Name: { type: text }
            access: { anyone: { read: true, create: true, delete: true } }
        """
    private static let environment = [
        "BACKUP_DIR": "backups", "BACKUP_ENCRYPTION_KEY": "4fd1c0de77ab90e2135688f0a9c3b7d2", "BACKUP_LOG_INTERVAL": "1s",
    ]

    private func run(
        _ arguments: String..., in folder: TemporaryFolder, environment: [String: String] = environment
    ) async throws -> SeaworthyProcess.Outcome {
        try await SeaworthyProcess.run(arguments, in: folder.url, environment: environment)
    }

    private func log(_ folder: TemporaryFolder) async throws -> JSONObject? {
        let list = try await run("backup", "list", "--json", in: folder)
        try #require(list.status == 0, "\(list.errors)")
        guard case .object(let report) = try JSONParser.parse(list.output), case .object(let log)? = report["log"] else { return nil }
        return log
    }

    private func spans(_ folder: TemporaryFolder) async throws -> [(from: String, to: String)] {
        guard case .array(let spans)? = try await log(folder)?["spans"] else { return [] }
        return spans.compactMap {
            guard case .object(let span) = $0, case .string(let from)? = span["from"], case .string(let to)? = span["to"] else {
                return nil
            }
            return (from, to)
        }
    }

    private func until(_ condition: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while try await !condition() {
            try #require(ContinuousClock.now < end)
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private func names(_ folder: TemporaryFolder) async throws -> [String] {
        let exported = try await run("export", "Item", in: folder)
        try #require(exported.status == 0, "\(exported.errors)")
        return exported.output.split(whereSeparator: \.isNewline).dropFirst().map { String($0.split(separator: ",").last ?? "") }
    }

    private func add(_ name: String, _ folder: TemporaryFolder) async throws {
        try folder.write("Name\n\(name)\n", to: "\(name).csv")
        let outcome = try await run("import", "Item", "\(name).csv", in: folder)
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    @Test func `goes to what was there then, through the log that the server stored`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.schema, to: "seaworthy.yaml")
        try await add("one", folder)
        let (server, _) = try await SeaworthyProcess.serve(in: folder.url, environment: Self.environment)
        try await until { try await !spans(folder).isEmpty }
        let base = try await spans(folder)
        // A command beside the running server: what it writes is stored by the server.
        try await add("two", folder)
        try await until { try await spans(folder).last?.to != base.last?.to }
        let middle = try #require(try await spans(folder).last?.to)
        try await add("three", folder)
        server.send(SIGTERM)
        #expect(await server.ended().status == 0)
        // And beside the stopped one.
        try await add("four", folder)
        #expect(try await run("backup", "create", in: folder).status == 0)
        let (again, _) = try await SeaworthyProcess.serve(in: folder.url, environment: Self.environment)
        try await add("five", folder)
        try await until { try await (log(folder)?["pieces"]).map { $0 != 0 } ?? false }
        again.send(SIGTERM)
        let ended = await again.ended()
        #expect(ended.status == 0 && ended.output.contains("log goes on") && !ended.output.contains("gap"), "\(ended.output)")
        #expect(try await spans(folder).count == 1)
        #expect(try await run("backup", "list", in: folder).output.split(separator: "\n").count == 4)

        let verified = try await run("backup", "verify", in: folder)
        #expect(verified.status == 0 && verified.output.contains("\nthe log behind it is whole: "), "\(verified.errors)")

        let refused = try await run("backup", "restore", "--at", middle, in: folder)
        #expect(refused.status == 1 && refused.errors.contains("[backup.target_not_empty]"), "\(refused.errors)")
        let early = try await run("backup", "restore", "--at", "2001-01-01T00:00:00Z", "--force", in: folder)
        #expect(
            early.status == 1 && early.errors.contains("the log reaches from \(base[0].from) to ")
                && early.errors.contains("[backup.out_of_reach]"), "\(early.errors)")
        for text in ["yesterday", "", "2026-11-25"] {
            #expect(try await run("backup", "restore", "--at", text, in: folder).status == 64)
        }
        #expect(try await names(folder) == ["one", "two", "three", "four", "five"])

        let restored = try await run("backup", "restore", "--at", middle, "--force", in: folder)
        #expect(restored.status == 0 && restored.output.contains("\nand on it the log up to \(middle): "), "\(restored.errors)")
        #expect(try await names(folder) == ["one", "two"])
        let latest = try await run("backup", "restore", "--at", "latest", "--force", "--json", in: folder)
        try #require(latest.status == 0, "\(latest.errors)")
        guard case .object(let report) = try JSONParser.parse(latest.output), case .object(let reached)? = report["log"] else {
            return #expect(Bool(false), "\(latest.output) \(latest.errors)")
        }
        #expect(reached["moment"] == .string(try #require(try await spans(folder).last?.to)))
        #expect(try await names(folder) == ["one", "two", "three", "four", "five"])

        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(!files.contains { $0.contains(".restoring-") }, "\(files)")

        // A server after the restore sees that the log is another, and begins a new one with a backup.
        let (after, _) = try await SeaworthyProcess.serve(in: folder.url, environment: Self.environment)
        try await until { try await spans(folder).count == 2 }
        after.send(SIGTERM)
        #expect(await after.ended().output.contains("the log has a gap: a new one begins, with a backup"))
        // The times of before stay.
        #expect(try await run("backup", "restore", "--at", middle, "--force", in: folder).status == 0)
        #expect(try await names(folder) == ["one", "two"])
        let pruned = try await run("backup", "prune", "--json", in: folder)
        #expect(pruned.status == 0 && pruned.output.contains("\"removedPieces\": 0"), "\(pruned.output)")
    }

    @Test func `a command without the setting breaks the chain, and the server sees it`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.schema, to: "seaworthy.yaml")
        let (server, _) = try await SeaworthyProcess.serve(in: folder.url, environment: Self.environment)
        try await until { try await !spans(folder).isEmpty }
        server.send(SIGTERM)
        #expect(await server.ended().status == 0)
        try folder.write("Name\nstranger\n", to: "stranger.csv")
        #expect(try await run("import", "Item", "stranger.csv", in: folder, environment: [:]).status == 0)
        let (again, _) = try await SeaworthyProcess.serve(in: folder.url, environment: Self.environment)
        try await until { try await spans(folder).count == 2 }
        again.send(SIGTERM)
        #expect(await again.ended().output.contains("the log has a gap"))
        #expect(try await run("backup", "restore", "--at", "latest", "--force", in: folder).status == 0)
        #expect(try await names(folder) == ["stranger"])
    }
}
