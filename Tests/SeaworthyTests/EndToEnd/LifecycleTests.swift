import Foundation
import NIOHTTP1
import SeaworthySchema
import Testing

@Suite struct `The server's life` {
    private static let schema = """
        name: notes
        entities:
          Note:
            fields:
              Text: { type: string, required: true, max: 100 }
            access:
              anyone: { read: true, create: true, update: true, delete: true }
        """

    private func folder(_ schema: String = schema) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(schema, to: "seaworthy.yaml")
        return folder
    }

    @Test func `keeps what it acknowledged when it is killed`() async throws {
        let folder = try folder()
        let (first, address) = try await SeaworthyProcess.serve(in: folder.url)
        let created = try await APIClient(address: address).post("/v1/notes", #"{"Text":"kept"}"#)
        let location = try #require(created.headers.first(name: "Location"))
        first.send(SIGKILL)
        _ = await first.ended()
        let (second, next) = try await SeaworthyProcess.serve(in: folder.url)
        #expect(try await APIClient(address: next).get(location).text("data.Text") == "kept")
        #expect(await second.stop().status == 0)
    }

    @Test func `makes UUIDv7 keys where none is declared`() async throws {
        let folder = try folder()
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url)
        let created = try await APIClient(address: address).post("/v1/notes", #"{"Text":"a"}"#)
        let id = try created.text("data.id")
        #expect(created.headers.first(name: "Location") == "/v1/notes/\(id)")
        #expect(id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        await process.stop()
    }

    @Test func `applies what a changed schema adds, and refuses what needs a migration`() async throws {
        let folder = try folder()
        let (first, address) = try await SeaworthyProcess.serve(in: folder.url)
        #expect(try await APIClient(address: address).post("/v1/notes", #"{"Text":"a"}"#).status == 201)
        await first.stop()
        try folder.write(
            Self.schema.replacing("      Text:", with: "      Mood: { type: string, index: true }\n      Text:"), to: "seaworthy.yaml")
        let (second, next) = try await SeaworthyProcess.serve(in: folder.url)
        #expect(try await APIClient(address: next).get("/v1/notes").value("data.0.Mood") == .null)
        await second.stop()
        try folder.write(
            Self.schema.replacing("Text: { type: string", with: "Text: { type: integer").replacing(", max: 100", with: ""),
            to: "seaworthy.yaml")
        let refused = try await SeaworthyProcess.run(["serve"], in: folder.url, environment: ["PORT": "0"])
        #expect(refused.status == 1)
        #expect(refused.errors.contains("Note.Text: the column «Text» stores TEXT, the type integer needs INTEGER"))
    }

    @Test func `in production it needs keys and a database at the schema, and makes neither`() async throws {
        let folder = try folder()
        let bare = try await SeaworthyProcess.run(["serve"], in: folder.url, environment: ["APP_ENV": "production", "PORT": "0"])
        #expect(bare.status == 1)
        #expect(bare.errors.contains("SECRET_KEYS"))
        let production = ["APP_ENV": "production", "PORT": "0", "SECRET_KEYS": "k8Jq2mVx7Zt4Wn9Bc3Lf6Hd1Gs5Py0Ra"]
        let pending = try await SeaworthyProcess.run(["serve"], in: folder.url, environment: production)
        #expect(pending.status == 1)
        #expect(pending.errors.contains("there is no database at"))
        #expect(!folder.exists("seaworthy.db"))
        let (development, _) = try await SeaworthyProcess.serve(in: folder.url)
        await development.stop()
        try folder.write(Self.schema + "\n  Tag: { fields: { Word: { type: string } } }\n", to: "seaworthy.yaml")
        let behind = try await SeaworthyProcess.run(["serve"], in: folder.url, environment: production)
        #expect(behind.status == 1)
        #expect(behind.errors.contains("create table «tags»"))
        try folder.write(Self.schema, to: "seaworthy.yaml")
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: production)
        #expect(try await APIClient(address: address).get("/v1/notes").status == 200)
        await process.stop()
    }

    @Test func `answers liveness without the database and readiness only with it`() async throws {
        let folder = try folder()
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url)
        let api = APIClient(address: address)
        #expect(try await api.get("/readyz").body == #"{"status":"pass"}"#)
        #expect(try await api.get("/health").body == #"{"status":"pass"}"#)
        #expect(try await api.get("/health").headers.first(name: "Content-Type") == "application/health+json")
        try FileManager.default.removeItem(at: folder.url.appendingPathComponent("seaworthy.db"))
        // A result is kept for a second, so the truth may take that long to show.
        var answer = try await api.get("/readyz?verbose")
        for _ in 0..<100 where answer.status == 200 {
            try await Task.sleep(for: .milliseconds(100))
            answer = try await api.get("/readyz?verbose")
        }
        #expect(answer.status == 503)
        #expect(try answer.text("status") == "fail")
        #expect(try answer.value("checks.sqlite:responseTime.0.status") == "fail")
        #expect(try await api.get("/health/ready").status == 503)
        // What would be lost is not acknowledged.
        let refused = try await api.post("/v1/notes", #"{"Text":"lost"}"#)
        #expect(refused.status == 503)
        #expect(try refused.text("code") == "unavailable")
        #expect(try await api.get("/livez").status == 200)
        let health = try await SeaworthyProcess.run(["health", "--url", address], in: folder.url)
        #expect(health.status == 1)
        await process.stop()
    }

    @Test func `writes one access line a request, with its id and without its query`() async throws {
        let folder = try folder()
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url)
        _ = try await APIClient(address: address).get("/v1/notes?limit=3", headers: ["X-Request-Id": "my-own.id_1"])
        let outcome = await process.stop()
        let lines = outcome.output.split(separator: "\n").filter { $0.contains("my-own.id_1") }
        #expect(lines.count == 1)
        let line = try JSONParser.parse(String(lines[0]))
        guard case .object(let object) = line else { return }
        // Its template stands for it.
        #expect(object["path"] == nil)
        #expect(object["status"] == 200)
        #expect(object["route"] == "/v1/notes")
        #expect(outcome.output.contains(#""message":"stopped""#))
    }

    @Test func `says what is wrong when it cannot start`() async throws {
        let folder = try folder()
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url)
        let port = try #require(address.split(separator: ":").last.map(String.init))
        let taken = try await SeaworthyProcess.run(["serve"], in: folder.url, environment: ["PORT": port])
        #expect(taken.status == 1)
        #expect(taken.errors.contains("Something else is listening on 127.0.0.1:\(port) already"))
        await process.stop()

        try folder.write(
            "this is no database, but it is long enough to be looked at as one: " + String(repeating: "x", count: 2000), to: "broken.db")
        let broken = try await SeaworthyProcess.run(
            ["serve"], in: folder.url, environment: ["PORT": "0", "DATABASE_URL": "sqlite:broken.db"])
        #expect(broken.status == 1)
        #expect(broken.errors.contains("error: the database cannot be"))
        #expect(try folder.text("broken.db").hasPrefix("this is no database"))

        let nowhere = try await SeaworthyProcess.run(
            ["serve"], in: folder.url, environment: ["PORT": "0", "DATABASE_URL": "sqlite:no/such/folder/a.db"])
        #expect(nowhere.status == 1)
        #expect(nowhere.errors.contains("error: the database cannot be opened"))

        let missing = try await SeaworthyProcess.run(["serve", "--schema", "none.yaml"], in: folder.url)
        #expect(missing.status == 1)
        #expect(missing.errors.contains("there is no schema file at none.yaml"))

        let unsupported = try await SeaworthyProcess.run(
            ["serve"], in: folder.url, environment: ["POSTHOG_HOST": "https://localhost", "PORT": "x"])
        #expect(unsupported.status == 1)
        #expect(
            unsupported.errors.contains("POSTHOG_HOST") && unsupported.errors.contains("not_supported")
                && unsupported.errors.contains("PORT")
        )
    }
}
