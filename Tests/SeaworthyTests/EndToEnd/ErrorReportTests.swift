import Foundation
import NIOHTTP1
import PostgresServing
import SeaworthySchema
import Testing

@testable import Seaworthy

/// A real server, and one that takes errors as Sentry does.
@Suite struct `Errors of a running server` {
    private static let schema = """
        name: notes
        entities:
          Note:
            fields:
              Text: { type: string, required: true, max: 100 }
            access:
              anyone: { read: true, create: true }
              signedIn: { read: true, create: true }
        """
    /// What is sent, and must not be told.
    private static let planted = [
        "PLANTED-header-1", "PLANTED-cookie-2", "PLANTED-query-3", "PLANTED-body-4", "PLANTED-key-5", "admin@example.com",
    ]

    private func event(_ arrived: [String: Any], _ path: String) -> Any? {
        path.split(separator: ".").reduce(arrived["event"]) { ($0 as? [String: Any])?[String($1)] }
    }

    private func serving(_ project: String, _ body: (TemporaryFolder, SeaworthyProcess, APIClient, SentryServer) async throws -> Void)
        async throws
    {
        let sentry = try await SentryServer.running()
        let folder = try TemporaryFolder()
        try folder.write(Self.schema, to: "seaworthy.yaml")
        let made = try await SeaworthyProcess.run(
            ["user", "create", "--email", "admin@example.com", "--admin", "--password-stdin"], in: folder.url,
            input: "\(IdentityServer.password)\n")
        try #require(made.status == 0, "\(made.errors)")
        let (process, address) = try await SeaworthyProcess.serve(
            in: folder.url, environment: ["SENTRY_DSN": sentry.dsn(project), "SENTRY_RELEASE": "notes@4.5.6"])
        do {
            try await body(folder, process, APIClient(address: address), sentry)
        } catch {
            await process.stop()
            throw error
        }
        let outcome = await process.stop()
        #expect(outcome.status == 0)
        #expect(!(outcome.output + outcome.errors).contains(SentryServer.key), "the key stands in the log")
    }

    @Test func `are told with 500 and 503, whose request they were, and nothing that was sent`() async throws {
        let project = SentryServer.project()
        try await serving(project) { folder, process, api, sentry in
            let login = try await api.post(
                "/v1/auth/login", #"{"email":"admin@example.com","password":"\#(IdentityServer.password)"}"#)
            let token = try login.text("data.accessToken")
            let user = try await api.get("/v1/auth/me", headers: ["Authorization": "Bearer \(token)"]).text("data.id")
            func headers(_ id: String) -> HTTPHeaders {
                [
                    "X-Request-Id": id, "X-Planted": "PLANTED-header-1", "Cookie": "a=PLANTED-cookie-2", "Content-Type": "application/json",
                    "User-Agent": "PLANTED-header-1", "X-Forwarded-For": "203.0.113.77",
                ]
            }
            #expect(try await api.get("/v1/notes", headers: headers("fine-1")).status == 200)
            #expect(try await api.get("/v1/nothing", headers: headers("fine-2")).status == 404)
            // A fault of the server: its table is gone.
            _ = try await SQLiteShell.rows("DROP TABLE notes", in: folder.url.appendingPathComponent("seaworthy.db"))
            var signedIn = headers("fault-1")
            signedIn.add(name: "Authorization", value: "Bearer \(token)")
            #expect(try await api.get("/v1/notes?filter%5BText%5D=PLANTED-query-3", headers: signedIn).status == 500)
            #expect(try await api.post("/v1/notes", #"{"Text":"PLANTED-body-4"}"#, headers: headers("fault-2")).status == 500)
            #expect(try await api.get("/v1/notes/PLANTED-key-5", headers: headers("fine-3")).status == 400)
            _ = try await sentry.arrived(project, count: 2)
            // The database is away.
            try FileManager.default.removeItem(at: folder.url.appendingPathComponent("seaworthy.db"))
            #expect(try await api.post("/v1/notes", #"{"Text":"PLANTED-body-4"}"#, headers: headers("away-1")).status == 503)
            _ = try await sentry.arrived(project, count: 3)
            // A probe that fails.
            for _ in 0..<600 where try await api.get("/readyz").status == 200 { try await Task.sleep(for: .milliseconds(100)) }
            let events = try await sentry.arrived(project, count: 4)

            #expect(events.map { $0["problems"] as? [String] } == [[], [], [], []])
            #expect(events.prefix(3).map { event($0, "tags.request_id") as? String } == ["fault-1", "fault-2", "away-1"])
            #expect(events.map { event($0, "tags.status") as? String } == ["500", "500", "503", "503"])
            #expect(events.map { event($0, "tags.code") as? String } == ["internal_error", "internal_error", "unavailable", "503"])
            #expect(events.map { event($0, "level") as? String } == ["error", "error", "warning", "info"])
            #expect(events.map { event($0, "user.id") as? String } == [user, nil, nil, nil])
            #expect(
                events.map { event($0, "transaction") as? String } == ["GET /v1/notes", "POST /v1/notes", "POST /v1/notes", "GET /readyz"])
            #expect(
                events.map { event($0, "fingerprint") as? [String] } == [
                    ["request", "internal_error", "storage.failed", "GET /v1/notes"],
                    ["request", "internal_error", "storage.failed", "POST /v1/notes"],
                    ["request", "unavailable", "storage.replaced"], ["request", "503", "status 503", "GET /readyz"],
                ])
            #expect(
                events.allSatisfy {
                    event($0, "release") as? String == "notes@4.5.6" && event($0, "environment") as? String == "development"
                })
            // Of the request's lines, wherever they were written.
            let crumbs = events.map { (event($0, "breadcrumbs.values") as? [[String: Any]] ?? []).map { $0["message"] as? String ?? "" } }
            #expect(crumbs[0] == ["request failed"] && crumbs[2] == ["database not available"])
            for arrived in events {
                let text = String(decoding: try JSONSerialization.data(withJSONObject: arrived), as: UTF8.self)
                for secret in Self.planted + [token, "203.0.113.77", "127.0.0.1", "Bearer"] {
                    #expect(!text.contains(secret), "\(secret) is in \(text)")
                }
            }
        }
    }

    @Test func `cost a request nothing while Sentry hangs, and the end does not wait`() async throws {
        let project = SentryServer.project("hangs")
        let start = ContinuousClock.now
        try await serving(project) { folder, process, api, sentry in
            _ = try await SQLiteShell.rows("DROP TABLE notes", in: folder.url.appendingPathComponent("seaworthy.db"))
            for _ in 0..<20 { #expect(try await api.get("/v1/notes").status == 500) }
            let metrics = try await api.get("/metrics").body
            #expect(metrics.contains(#"telemetry_dropped_total{exporter="sentry",reason="queue_full"} 0"#))
        }
        // Two seconds are given to what waits, and not the ten that an answer may take; the rest is for a busy machine.
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    @Test func `of a crash are told at the next start, once`() async throws {
        let sentry = try await SentryServer.running()
        let project = SentryServer.project()
        let folder = try TemporaryFolder()
        try folder.write(Self.schema, to: "seaworthy.yaml")
        let environment = ["SENTRY_DSN": sentry.dsn(project)]
        let (first, _) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
        let crashes = folder.url.appendingPathComponent(".seaworthy/crashes")
        #expect(try folder.mode(".seaworthy/crashes") == 0o700)
        first.send(SIGSEGV)
        // What is sent from outside does not come again, as a real fault does, so it takes a second one to end the process.
        var files: [String] = []
        for _ in 0..<3000 where files.isEmpty {
            try await Task.sleep(for: .milliseconds(20))
            files = try FileManager.default.contentsOfDirectory(atPath: crashes.path).filter { name in
                (try? JSONParser.parse(String(contentsOf: crashes.appendingPathComponent(name), encoding: .utf8))) != nil
            }
        }
        first.send(SIGKILL)
        _ = await first.ended()
        let name = try #require(files.first)
        // Named as before it began once more, as it is in lists of processes.
        #expect(name.hasPrefix("seaworthy-"))

        let (second, _) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
        let arrived = try await sentry.arrived(project, count: 1)
        let outcome = await second.stop()
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("the server crashed before"))
        #expect(arrived[0]["problems"] as? [String] == [])
        #expect(event(arrived[0], "level") as? String == "fatal")
        let exception = (event(arrived[0], "exception.values") as? [[String: Any]])?.first
        #expect(exception?["type"] as? String == "Bad pointer dereference")
        let frames = (exception?["stacktrace"] as? [String: Any])?["frames"] as? [[String: Any]] ?? []
        #expect(!frames.isEmpty && frames.allSatisfy { ($0["instruction_addr"] as? String)?.hasPrefix("0x") == true })
        #expect((exception?["mechanism"] as? [String: Any])?["handled"] as? Bool == false)
        #expect(event(arrived[0], "extra.file") as? String == name)
        #expect(try FileManager.default.contentsOfDirectory(atPath: crashes.path) == ["\(name).reported"])

        let (third, _) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
        #expect(await third.stop().output.contains("the server crashed before") == false)
        #expect(try sentry.arrived(project).count == 1)
    }

    @Test func `of a crash are left to whoever has set the variable otherwise`() async throws {
        let sentry = try await SentryServer.running()
        let folder = try TemporaryFolder()
        try folder.write(Self.schema, to: "seaworthy.yaml")
        let (process, _) = try await SeaworthyProcess.serve(
            in: folder.url, environment: ["SENTRY_DSN": sentry.dsn(SentryServer.project()), "SWIFT_BACKTRACE": "enable=no"])
        #expect(await process.stop().output.contains(#""message":"crashes are not reported""#))
        #expect(!folder.exists(".seaworthy/crashes"))
    }

    @Test func `of a crash need nothing of who does not report`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.schema, to: "seaworthy.yaml")
        let (process, _) = try await SeaworthyProcess.serve(in: folder.url)
        #expect(await process.stop().output.contains("crashes") == false)
        #expect(!folder.exists(".seaworthy/crashes"))
    }

    @Test func `go nowhere by a DSN that is none, of which nothing is shown`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.schema, to: "seaworthy.yaml")
        let refused = try await SeaworthyProcess.run(
            ["serve"], in: folder.url, environment: ["SENTRY_DSN": "https://abcdef0123456789@sentry.example", "PORT": "0"])
        #expect(refused.status == 1)
        #expect(refused.errors.contains("SENTRY_DSN names no project") && refused.errors.contains("[invalid_value]"))
        #expect(!refused.errors.contains("abcdef0123456789") && !refused.errors.contains("sentry.example"))
    }
}
