import Foundation
import SeaworthyData
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage
import Testing

@Suite struct ConcurrencyTests {
    static let entities = """
        Box:
          key: BoxID
          fields:
            BoxID: { type: integer }
        \((0..<10).map { "    F\($0): { type: integer, default: 0 }" }.joined(separator: "\n"))
            Tags: { type: json }
          \(TestStore.open)
        Entry:
          key: EntryID
          fields:
            EntryID: { type: integer, generated: true }
            Box: { references: Box, onDelete: cascade, as: box }
            Code: { type: integer, unique: true }
          \(TestStore.open)
        """

    private func path() -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("seaworthy-\(UUID().uuidString).db").path
    }

    private func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }

    @Test func `no patch of another field or member is lost`() async throws {
        let path = path()
        defer { remove(path) }
        let store = try await TestStore(Self.entities, at: .file(path))
        try await store.create("Box", #"{"BoxID":1,"Tags":{}}"#)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<50 {
                group.addTask {
                    try await store.update("Box", "1", patch: "{\"Tags\":{\"t\(task)\":\(task)},\"F\(task % 10)\":\(task / 10 + 1)}")
                }
            }
            try await group.waitForAll()
        }
        let tags = try await store.read("Box", "1", select: "Tags")
        for task in 0..<50 { #expect(tags.contains("\"t\(task)\":\(task)")) }
        let row = try await store.rows("SELECT \((0..<10).map { "F\($0) BETWEEN 1 AND 5" }.joined(separator: " AND ")) FROM boxes")
        #expect(row == [[.integer(1)]])
        await store.database.close()
        // What was answered is in the file.
        let again = try await TestStore(Self.entities, at: .file(path))
        #expect(try await again.read("Box", "1", select: "Tags") == tags)
        await again.database.close()
    }

    @Test func `of creates with one unique value one wins, and every key is its own`() async throws {
        let store = try await TestStore(Self.entities)
        try await store.create("Box", #"{"BoxID":1}"#)
        let outcomes = await withTaskGroup(of: String.self) { group in
            for task in 0..<50 {
                group.addTask { await refusal { try await store.create("Entry", "{\"Box\":1,\"Code\":\(task % 25)}") } }
            }
            return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        }
        #expect(outcomes["done"] == 25)
        #expect(outcomes["unique_conflict: Another Entry has the same Code.\n/Code unique_conflict: is taken already"] == 25)
        #expect(
            try await store.rows("SELECT count(*), count(DISTINCT Code), count(DISTINCT EntryID) FROM entries") == [
                [.integer(25), .integer(25), .integer(25)]
            ])
        // What was refused took no key, but where a sequence makes them.
        if !TestStore.isOnPostgres { #expect(try await store.rows("SELECT max(EntryID) FROM entries") == [[.integer(25)]]) }
    }

    @Test func `creates and deletes at once leave no reference to nothing`() async throws {
        let store = try await TestStore(Self.entities)
        for box in 0..<10 { try await store.create("Box", "{\"BoxID\":\(box)}") }
        let outcomes = await withTaskGroup(of: String.self) { group in
            for task in 0..<50 {
                group.addTask {
                    return switch task % 10 {
                    case 9: await refusal { try await store.delete("Box", "9") }
                    // Into the box that is being deleted.
                    case 4: await refusal { try await store.create("Entry", "{\"Box\":9}") }
                    default: await refusal { try await store.create("Entry", "{\"Box\":\(task % 10)}") }
                    }
                }
            }
            return await group.reduce(into: [String: Int]()) { $0[String($1.prefix { $0 != "\n" }), default: 0] += 1 }
        }
        // Five tasks delete box 9: one does, four find nothing. What was created in it went along.
        #expect(outcomes["record_not_found: There is no such Box."] == 4)
        let refused = outcomes["reference_not_found: The Entry refers to what is not there."] ?? 0
        #expect((outcomes["done"] ?? 0) + refused == 46)
        #expect(refused <= 5)
        #expect(try await store.count("boxes") == 9)
        #expect(try await store.count("entries") == 40)
        #expect(try await store.rows("SELECT 1 FROM entries WHERE NOT EXISTS (SELECT 1 FROM boxes WHERE BoxID = Box)").isEmpty)
    }
}
