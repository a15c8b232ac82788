import Foundation
import NIOHTTP1
import PostgresServing
import SeaworthyPostgres
import SeaworthySQL
import SeaworthyStorage
import Testing

/// Nodes that die, and nodes that share a database.
@Suite struct `Requests with a key, on nodes` {
    private static let schema = """
        name: shop
        entities:
          Item:
            fields: { Name: { type: string, required: true } }
            access: { anyone: { read: true, create: true } }

        """
    private static let body = #"{"Name":"once"}"#
    private static let headers: HTTPHeaders = [
        "Content-Type": "application/json", "Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324",
    ]

    /// Applications on one database, each a process of its own.
    private final class Nodes: Sendable {
        let folder: TemporaryFolder
        let environment: [String: String]

        init(on engine: IdentityServer.Engine) async throws {
            folder = try TemporaryFolder()
            try folder.write(schema, to: "seaworthy.yaml")
            environment = engine == .sqlite ? [:] : ["DATABASE_URL": try await PostgresServer.running().makeSchema()]
        }

        func start() async throws -> (process: SeaworthyProcess, api: APIClient) {
            let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
            return (process, APIClient(address: address))
        }

        func with(_ count: Int, _ body: ([APIClient]) async throws -> Void) async throws {
            var nodes: [(process: SeaworthyProcess, api: APIClient)] = []
            do {
                for _ in 0..<count { nodes.append(try await start()) }
                try await body(nodes.map(\.api))
            } catch {
                for node in nodes { await node.process.stop() }
                throw error
            }
            for node in nodes { await node.process.stop() }
        }
    }

    private static func isReplay(_ answer: APIClient.Answer) -> Bool { answer.headers["Idempotency-Replayed"] == ["true"] }

    @Test(arguments: [(IdentityServer.Engine.sqlite, 1), (.postgres, 2)])
    func `make one record when they come fifty times at once`(engine: IdentityServer.Engine, count: Int) async throws {
        try await Nodes(on: engine).with(count) { nodes in
            let answers = try await withThrowingTaskGroup(of: APIClient.Answer.self) { group in
                for number in 0..<50 {
                    group.addTask { try await nodes[number % nodes.count].post("/v1/items", Self.body, headers: Self.headers) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.allSatisfy { [201, 409].contains($0.status) }, "\(answers.map(\.status))")
            #expect(answers.count(where: { $0.status == 201 && !Self.isReplay($0) }) == 1)
            for refused in answers where refused.status == 409 {
                #expect(try refused.text("code") == "idempotency_key_in_use")
                #expect(refused.headers["Retry-After"] == ["1"])
            }
            #expect(Set(answers.filter { $0.status == 201 }.map(\.body)).count == 1)
            for node in nodes {
                let again = try await node.post("/v1/items", Self.body, headers: Self.headers)
                #expect(again.status == 201 && Self.isReplay(again))
                #expect(try await node.get("/v1/items").list("data").count == 1)
            }
        }
    }

    @Test(arguments: IdentityServer.Engine.allCases)
    func `have their answer when the node was killed behind the commit`(engine: IdentityServer.Engine) async throws {
        let nodes = try await Nodes(on: engine)
        let (process, api) = try await nodes.start()
        let first = try await api.post("/v1/items", Self.body, headers: Self.headers)
        process.send(SIGKILL)
        _ = await process.ended()
        #expect(first.status == 201)
        try await nodes.with(1) { others in
            let again = try await others[0].post("/v1/items", Self.body, headers: Self.headers)
            #expect(again.status == 201 && Self.isReplay(again) && again.body == first.body)
            #expect(try await others[0].get("/v1/items").list("data").count == 1)
        }
    }

    @Test func `are carried out once when the node was killed before the commit`() async throws {
        let nodes = try await Nodes(on: .postgres)
        let address = try #require(nodes.environment["DATABASE_URL"])
        let postgres = try await PostgresServer.running()
        let (process, api) = try await nodes.start()
        let database = try await PostgresDatabase.open(PostgresSettings(address))
        try await database.closing {
            // Who writes an item waits for this; who claims a key does not.
            try await database.transaction(.write) { transaction in
                try await transaction.execute(Statement(SQLText("LOCK TABLE items IN SHARE MODE")))
                let killed = Task { try? await api.post("/v1/items", Self.body, headers: Self.headers) }
                while try await transaction.query(
                    Statement(SQLText("SELECT 1 FROM pg_locks WHERE relation = 'items'::regclass AND NOT granted")), into: ValueRows()
                ).isEmpty {
                    try await Task.sleep(for: .milliseconds(10))
                }
                // The key is claimed, and whoever asks elsewhere is told so at once.
                try await nodes.with(1) { others in
                    let refused = try await others[0].post("/v1/items", Self.body, headers: Self.headers)
                    #expect(refused.status == 409 && refused.headers["Retry-After"] == ["1"])
                    #expect(try refused.text("code") == "idempotency_key_in_use")
                }
                process.send(SIGKILL)
                _ = await process.ended()
                _ = await killed.value
            }
        }
        try await nodes.with(2) { others in
            #expect(try await others[0].get("/v1/items").list("data").isEmpty)
            #expect(try await others[0].post("/v1/items", Self.body, headers: Self.headers).status == 409)
            // A minute later.
            try await postgres.shell(
                at: address, "UPDATE seaworthy_idempotency_keys SET claimed_until = claimed_until - interval '61 seconds'")
            let made = try await others[0].post("/v1/items", Self.body, headers: Self.headers)
            #expect(made.status == 201 && !Self.isReplay(made))
            #expect(Self.isReplay(try await others[1].post("/v1/items", Self.body, headers: Self.headers)))
            #expect(try await others[1].get("/v1/items").list("data").count == 1)
        }
    }

    @Test func `that took so long that another node took over are undone`() async throws {
        let nodes = try await Nodes(on: .postgres)
        let address = try #require(nodes.environment["DATABASE_URL"])
        let postgres = try await PostgresServer.running()
        try await nodes.with(2) { both in
            let database = try await PostgresDatabase.open(PostgresSettings(address))
            let first = try await database.closing {
                let waiting = try await database.transaction(.write) { transaction in
                    try await transaction.execute(Statement(SQLText("LOCK TABLE items IN SHARE MODE")))
                    let waiting = Task { try await both[0].post("/v1/items", Self.body, headers: Self.headers) }
                    while try await transaction.query(
                        Statement(SQLText("SELECT 1 FROM pg_locks WHERE relation = 'items'::regclass AND NOT granted")), into: ValueRows()
                    ).isEmpty {
                        try await Task.sleep(for: .milliseconds(10))
                    }
                    // As another node would take it over: by a token of its own.
                    try await postgres.shell(
                        at: address,
                        "UPDATE seaworthy_idempotency_keys SET token = 'another', claimed_until = now() - interval '1 second'")
                    return waiting
                }
                return try await waiting.value
            }
            #expect(first.status == 409)
            #expect(try first.text("code") == "idempotency_key_in_use")
            #expect(try await both[0].get("/v1/items").list("data").isEmpty)
            #expect(try await both[1].post("/v1/items", Self.body, headers: Self.headers).status == 201)
            #expect(try await both[0].get("/v1/items").list("data").count == 1)
        }
    }

    @Test func `have their table also in a database of before`() async throws {
        let nodes = try await Nodes(on: .sqlite)
        try await nodes.with(1) { nodes in
            let made = try await nodes[0].post("/v1/items", Self.body)
            #expect(made.status == 201)
        }
        _ = try await SQLiteShell.rows("DROP TABLE seaworthy_idempotency_keys", in: nodes.folder.url.appendingPathComponent("seaworthy.db"))
        try await nodes.with(1) { nodes in
            for isReplay in [false, true] {
                let answer = try await nodes[0].post("/v1/items", Self.body, headers: Self.headers)
                #expect(answer.status == 201 && Self.isReplay(answer) == isReplay)
            }
            #expect(try await nodes[0].get("/v1/items").list("data").count == 2)
        }
    }

    @Test func `leave no answers behind their day`() async throws {
        let nodes = try await Nodes(on: .sqlite)
        let file = nodes.folder.url.appendingPathComponent("seaworthy.db")
        try await nodes.with(1) { nodes in
            for key in ["a", "b"] {
                let answer = try await nodes[0].post(
                    "/v1/items", Self.body, headers: ["Content-Type": "application/json", "Idempotency-Key": key])
                #expect(answer.status == 201)
            }
        }
        // One of yesterday.
        _ = try await SQLiteShell.rows(
            "UPDATE seaworthy_idempotency_keys SET expires_at = 1 WHERE id = (SELECT min(id) FROM seaworthy_idempotency_keys)", in: file)
        try await nodes.with(1) { _ in
            var rows: [[String]] = []
            for _ in 0..<3000 where rows != [["1"]] {
                rows = try await SQLiteShell.rows("SELECT count(*) FROM seaworthy_idempotency_keys", in: file)
                if rows != [["1"]] { try await Task.sleep(for: .milliseconds(20)) }
            }
            #expect(rows == [["1"]])
        }
    }
}
