import HTTPTypes
import NIOHTTP1
import Testing

@testable import SeaworthyHTTP

@Suite struct `Content negotiation` {
    private static let offered: [MediaType] = [.json, .csv, .ndjson]

    private static func chosen(_ fields: [String]) -> String {
        var headers = HTTPHeaders()
        for field in fields {
            headers.add(name: "Accept", value: field)
        }
        do {
            return try HTTPExchange(.get, "/", headers: headers).negotiated(offered).essence
        } catch {
            return "\(error.status.code)"
        }
    }

    @Test(
        arguments: [
            ([], "application/json"), ([""], "application/json"), (["*/*"], "application/json"), (["text/*"], "text/csv"),
            (["text/csv"], "text/csv"), (["TEXT/CSV"], "text/csv"), (["application/json, text/csv"], "application/json"),
            (["text/csv, application/json"], "application/json"), (["application/json;q=0.5, text/csv"], "text/csv"),
            (["application/json;q=0.5, text/csv;q=0.51"], "text/csv"), (["application/json;q=0.501,text/csv;q=0.5"], "application/json"),
            (["*/*;q=0.1, application/x-ndjson"], "application/x-ndjson"),
            (["text/csv;q=0.1", "application/x-ndjson"], "application/x-ndjson"),
            (["application/json;q=0"], "406"), (["application/json;q=0, */*"], "text/csv"),
            (["*/*, application/json;q=0"], "text/csv"), (["text/*, text/csv;q=0, application/x-ndjson;q=0.1"], "application/x-ndjson"),
            (["application/*;q=0.2, application/json;q=0.1"], "application/x-ndjson"), (["image/png"], "406"), (["*/*;q=0"], "406"),
            (["text/html, */*;q=0.8"], "application/json"), (["application/problem+json"], "406"),
            (["text/csv;charset=UTF-8"], "text/csv"), (["application/json; charset=\"utf-8\""], "application/json"),
            (["text/csv;header=absent"], "406"), (["text/csv;charset=latin1"], "406"),
            (["text/csv;charset=utf-8;q=0, text/csv"], "406"), (["text/csv;q=0, text/csv;charset=utf-8"], "text/csv"),
            (["text/csv;q=1.000;ext=\"a,b\""], "text/csv"), (["text/csv ; Q=0.9 , application/json;q=0.8"], "text/csv"),
            (["*/*, application/*;q=0"], "text/csv"), (["*/*;q=0, text/*"], "text/csv"),
            ([",, text/csv ,,"], "text/csv"),
        ] as [([String], String)]) func `takes what the client wants most`(fields: [String], expected: String)
    {
        #expect(Self.chosen(fields) == expected)
    }

    @Test(
        arguments: [
            (["nonsense/"], "application/json"), (["text/csv;q=2, application/x-ndjson"], "application/x-ndjson"),
            (["text/csv;q=0.1234, application/x-ndjson"], "application/x-ndjson"), (["text/csv;q=1.1"], "application/json"),
            (["text/csv extra, application/x-ndjson"], "application/x-ndjson"), (["text/csv;q=x"], "application/json"),
            (["\"text/csv, text/csv\", application/x-ndjson"], "application/x-ndjson"),
            // What java.net.HttpURLConnection sends by default.
            (["text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"], "application/json"),
        ] as [([String], String)]) func `reads over what is not well formed`(fields: [String], expected: String)
    {
        #expect(Self.chosen(fields) == expected)
    }

    @Test func `names what is offered when nothing is acceptable`() {
        let problem = #expect(throws: Problem.self) {
            try HTTPExchange(.get, "/", headers: ["Accept": "image/png"]).negotiated([.json, .csv])
        }
        #expect(problem?.status == .notAcceptable)
        #expect(problem?.code == .notAcceptable)
        #expect(problem?.detail == "This address answers in application/json or text/csv; charset=utf-8, and Accept takes none of it.")
        #expect(problem?.headers[.vary] == "Accept")
    }

    @Test func `writes a type as a field`() {
        #expect(MediaType.csv.fieldValue == "text/csv; charset=utf-8")
        #expect(MediaType.problem.fieldValue == "application/problem+json")
        #expect(MediaType(fieldValue: "Text/CSV ; charset=x") == MediaType("text/csv"))
    }

    @Test func `adds to Vary once`() {
        var fields: HTTPFields = [:]
        fields.addVary("Accept")
        fields.addVary("accept")
        fields.addVary("Accept-Encoding")
        fields.addVary("ACCEPT-ENCODING")
        #expect(fields[.vary] == "Accept, Accept-Encoding")
        fields[.vary] = "*"
        fields.addVary("Accept")
        #expect(fields[.vary] == "*")
    }

    @Test func `answers problems as problems whatever is accepted`() async throws {
        try await TestServer.run { server in
            let client = try server.connect()
            let missing = try await client.ask("GET /missing HTTP/1.1\r\nHost: h\r\nAccept: text/csv\r\n\r\n")
            #expect(missing.status == 404)
            #expect(missing["content-type"] == "application/problem+json")
            for path in ["/health", "/readyz"] {
                let refused = try await client.ask("GET \(path) HTTP/1.1\r\nHost: h\r\nAccept: text/csv\r\n\r\n")
                #expect(refused.status == 406)
                #expect(refused["content-type"] == "application/problem+json")
                #expect(refused.body.contains("application/health+json or application/json"))
                let json = try await client.ask("GET \(path) HTTP/1.1\r\nHost: h\r\nAccept: application/json\r\n\r\n")
                #expect(json.status == 200)
                #expect(json["content-type"] == "application/json")
                #expect(json["vary"] == "Accept")
            }
        }
    }
}
