import Foundation
import NIOHTTP1
import PostgresServing
import SeaworthySchema
import Testing

/// Traces of the real server, as a strict receiver takes them.
@Suite(.serialized, .timeLimit(.minutes(10))) struct `Traces of a server` {
    private typealias Span = OTLPReceiver.Span

    private static let schema = """
        name: library
        limits: { exempt: [127.0.0.0/8] }
        identity: { register: true }
        entities:
          Book:
            cache: 1h
            fields: { Title: { type: string, required: true, unique: true } }
            access: { anyone: { read: true, create: true } }
          Note:
            fields: { Text: { type: string } }
            access: { anyone: { read: true, create: true } }
        """

    private static let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    /// Serves, stops, and gives what arrived: the end waits for it.
    private static func spans(
        on engine: IdentityServer.Engine = .sqlite, _ variables: [String: String] = [:], receiver way: String = "taking",
        _ body: (APIClient, OTLPReceiver) async throws -> Void
    ) async throws -> (batches: [OTLPReceiver.Batch], log: [[String: JSONValue]]) {
        let receiver = try OTLPReceiver()
        defer { receiver.stop() }
        let folder = try TemporaryFolder()
        try folder.write(schema, to: "seaworthy.yaml")
        var environment = ["OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint(way)]
        if engine == .postgres { environment["DATABASE_URL"] = try await PostgresServer.running().makeSchema() }
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: environment.merging(variables) { $1 })
        do {
            try await body(APIClient(address: address), receiver)
        } catch {
            await process.stop()
            throw error
        }
        let outcome = await process.stop()
        #expect(outcome.status == 0, "\(outcome.errors)")
        let batches = try receiver.batches()
        #expect(batches.compactMap(\.fault) == [])
        let lines = outcome.output.split(separator: "\n").compactMap { line -> [String: JSONValue]? in
            guard case .object(let object)? = try? JSONParser.parse(String(line)) else { return nil }
            return Dictionary(uniqueKeysWithValues: object.members.map { ($0.name, $0.value) })
        }
        return (batches, lines)
    }

    private static func all(_ batches: [OTLPReceiver.Batch]) -> [Span] { batches.flatMap { $0.spans ?? [] } }

    @Test(arguments: IdentityServer.Engine.allCases)
    func `go from the request to the statement, with everything by the conventions`(engine: IdentityServer.Engine) async throws {
        let (batches, log) = try await Self.spans(on: engine) { (api: APIClient, _: OTLPReceiver) async throws in
            #expect(try await api.post("/v1/books", #"{"Title":"canary-value"}"#).status == 201)
            let headers: HTTPHeaders = ["traceparent": Self.parent, "tracestate": "a=1", "x-request-id": "mine"]
            let answer = try await api.get("/v1/notes?filter[Text]=canary-query&count=exact", headers: headers)
            #expect(answer.status == 200)
            #expect(answer.headers["traceparent"].isEmpty)
            #expect(try await api.get("/v1/books?sort=Title").status == 200)
            #expect(try await api.get("/v1/books?sort=Title").status == 200)
        }
        let spans = Self.all(batches)
        let byID = Dictionary(uniqueKeysWithValues: spans.map { ($0.id, $0) })
        for span in spans where !span.parent.isEmpty && !span.isRemote {
            let parent = try #require(byID[span.parent], "\(span.name) has no parent")
            #expect(parent.trace == span.trace && parent.start <= span.start)
        }
        func way(_ span: Span) -> String {
            byID[span.parent].map { way($0) + " > " + span.name } ?? span.name
        }
        let ways = Set(spans.map(way))
        for expected in [
            "POST /v1/books > access", "POST /v1/books > transaction > INSERT books", "GET /v1/notes > access", "GET /v1/notes > plan",
            "GET /v1/notes > transaction > SELECT notes", "GET /v1/books > cache", "GET /v1/books > cache > plan",
            "GET /v1/books > cache > SELECT books",
        ] {
            #expect(ways.contains(expected), "\(expected) is not among \(ways.sorted())")
        }
        // Asked of the request that another server sent.
        let request = try #require(spans.first { $0.name == "GET /v1/notes" })
        #expect(request.trace == "4bf92f3577b34da6a3ce929d0e0e4736" && request.parent == "00f067aa0ba902b7" && request.isRemote)
        #expect(request.state == "a=1" && request.kind == 2 && request.status == 0)
        #expect(
            Set(request.attributes.keys) == [
                "http.request.method", "http.route", "http.response.status_code", "http.response.body.size", "url.scheme",
                "server.address", "server.port", "network.protocol.version", "seaworthy.request.id",
            ])
        #expect(request.text("http.request.method") == "GET" && request.text("http.route") == "/v1/notes")
        #expect(request.number("http.response.status_code") == 200 && request.text("url.scheme") == "http")
        #expect(request.text("server.address") == "127.0.0.1" && request.text("seaworthy.request.id") == "mine")
        let system = engine == .sqlite ? "sqlite" : "postgresql"
        let statement = try #require(spans.first { way($0) == "GET /v1/books > cache > SELECT books" })
        #expect(statement.kind == 3 && statement.text("db.system.name") == system)
        #expect(statement.text("db.operation.name") == "SELECT" && statement.text("db.collection.name") == "books")
        #expect(try #require(statement.text("db.query.text")).hasPrefix("SELECT"))
        #expect(try #require(statement.number("seaworthy.pool.wait_ms")) >= 0)
        let transaction = try #require(spans.first { way($0) == "POST /v1/books > transaction" })
        #expect(try #require(transaction.number("seaworthy.pool.wait_ms")) >= 0)
        #expect(transaction.text("seaworthy.transaction.mode") == "write")
        let outcomes = spans.filter { $0.name == "cache" }.map { $0.text("seaworthy.cache.outcome") }
        #expect(outcomes == ["miss", "hit"])
        #expect(spans.filter { $0.name == "access" }.allSatisfy { $0.text("seaworthy.access.by") == "nobody" })
        #expect(batches.allSatisfy { $0.resource?["service.name"] == .text("library") })
        #expect(!"\(batches)".contains("canary"))
        // The same names stand in the log.
        let line = try #require(log.first { $0["requestId"] == .string("mine") && $0["label"] == .string("seaworthy.access") })
        #expect(line["traceId"] == .string(request.trace) && line["spanId"] == .string(request.id))
    }

    @Test func `tell of a refusal, and who showed what`() async throws {
        let (batches, _) = try await Self.spans { (api: APIClient, _: OTLPReceiver) async throws in
            #expect(try await api.get("/v1/notes", headers: ["authorization": "Bearer nonsense"]).status == 401)
            #expect(try await api.get("/v1/notes/0198c0de-0000-7000-8000-000000000000").status == 404)
            #expect(try await api.get("/nothing/canary").status == 404)
            #expect(try await api.post("/v1/books", #"{"Title":"a"}"#).status == 201)
            #expect(try await api.post("/v1/books", #"{"Title":"a"}"#).status == 409)
        }
        let spans = Self.all(batches)
        #expect(spans.filter { $0.name == "access" }.map { $0.text("seaworthy.access.by") }.first == "refused")
        let requests = spans.filter { $0.kind == 2 }
        #expect(requests.map(\.name).sorted() == ["GET", "GET /v1/notes", "GET /v1/notes/{key}", "POST /v1/books", "POST /v1/books"])
        #expect(requests.allSatisfy { $0.status == 0 && $0.attributes["error.type"] == nil })
        let failed = spans.filter { $0.status == 2 }
        // What the database refused; that the answer was 409 is none of the transaction's faults.
        #expect(failed.map(\.name) == ["INSERT books"])
        #expect(failed.map { $0.text("error.type") } == ["storage.unique_violation"])
        #expect(spans.contains { $0.name == "transaction" && $0.text("error.type")?.hasSuffix("RecordError") == true })
        #expect(!"\(batches)".contains("canary") && !"\(batches)".contains("0198c0de"))
    }

    @Test func `tell of work that the server does by itself, and of mails`() async throws {
        let (batches, _) = try await Self.spans { (api: APIClient, receiver: OTLPReceiver) async throws in
            let body = #"{"email":"somebody@example.com","password":"correct horse battery"}"#  // not-a-secret
            #expect(try await api.post("/v1/auth/register", body).status == 202)
            // They begin a while after the server does, and go once they are old enough.
            while try !receiver.spans().contains(where: { $0.name == "clearing of identities" }) {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        let spans = Self.all(batches)
        let roots = Set(spans.filter(\.parent.isEmpty).map(\.name))
        #expect(roots.isSuperset(of: ["POST /v1/auth/register", "clearing of identities", "mail delivery"]), "\(roots)")
        #expect(!"\(batches)".contains("somebody"))
    }

    @Test func `go as JSON, under another name, with header fields that nobody else sees`() async throws {
        let (batches, log) = try await Self.spans([
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json", "OTEL_SERVICE_NAME": "other", "OTEL_RESOURCE_ATTRIBUTES": "team=blue%2Cgreen,a=b",
            "OTEL_EXPORTER_OTLP_HEADERS": "x-tenant=hidden%20tenant,b=c",
        ]) { (api: APIClient, _: OTLPReceiver) async throws in
            #expect(try await api.get("/v1/notes").status == 200)
        }
        let batch = try #require(batches.first)
        #expect(batch.fields["content-type"] == "application/json")
        #expect(batch.fields["x-tenant"] == "hidden tenant" && batch.fields["b"] == "c")
        #expect(batch.resource?["service.name"] == .text("other"))
        #expect(batch.resource?["team"] == .text("blue,green") && batch.resource?["a"] == .text("b"))
        #expect(!"\(log)".contains("hidden"))
    }

    @Test func `are made only of what is sampled, and a trace that is not still has its name`() async throws {
        let (batches, log) = try await Self.spans(["OTEL_TRACES_SAMPLER": "parentbased_always_off"]) {
            (api: APIClient, _: OTLPReceiver) async throws in
            #expect(try await api.get("/v1/notes").status == 200)
            #expect(try await api.get("/v1/notes", headers: ["traceparent": Self.parent]).status == 200)
            let unsampled = Self.parent.dropLast() + "0"
            #expect(try await api.get("/v1/notes", headers: ["traceparent": String(unsampled), "x-request-id": "quiet"]).status == 200)
        }
        #expect(Set(Self.all(batches).map(\.trace)) == ["4bf92f3577b34da6a3ce929d0e0e4736"])
        #expect(Self.all(batches).filter { $0.kind == 2 }.count == 1)
        let line = log.first { $0["requestId"] == .string("quiet") }
        #expect(line?["traceId"] == .string("4bf92f3577b34da6a3ce929d0e0e4736"))
    }

    @Test func `a receiver that hangs keeps nobody waiting, neither a request nor the end`() async throws {
        let start = ContinuousClock.now
        _ = try await Self.spans(receiver: "hanging") { (api: APIClient, _: OTLPReceiver) async throws in
            for _ in 0..<50 { #expect(try await api.get("/v1/notes").status == 200) }
        }
        // The end waits for two seconds of the receiver's; what is asked is that it does not wait for its timeout and all attempts.
        #expect(start.duration(to: .now) < .seconds(45))
    }

    @Test func `are not made without a receiver`() async throws {
        let receiver = try OTLPReceiver()
        defer { receiver.stop() }
        let folder = try TemporaryFolder()
        try folder.write(Self.schema, to: "seaworthy.yaml")
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: ["OTEL_TRACES_SAMPLER": "always_on"])
        #expect(try await APIClient(address: address).get("/v1/notes", headers: ["traceparent": Self.parent]).status == 200)
        let outcome = await process.stop()
        #expect(!outcome.output.contains("traceId"))
        #expect(try receiver.batches().isEmpty)
    }
}
