import NIOHTTP1
import SeaworthySchema
import Testing

@Suite struct `The OpenAPI document` {
    @Test func `says by its statuses what nobody may do, and takes everything else`() async throws {
        try await EverythingServer.with { api, document in
            for operation in document.operations where operation.path.hasPrefix("/v1/") && !operation.path.hasPrefix("/v1/auth/") {
                let answer = try await Self.answer(to: operation, Self.target(operation), api)
                let isForNobodyHere = Self.isRefused(operation)
                #expect(isForNobodyHere == [401, 403].contains(answer.status), "\(operation.id): \(answer.status)")
            }
            #expect(document.operation("PATCH", "/v1/notes/1") != nil)
            #expect(document.operation("DELETE", "/v1/inboxes/1")?.responses["204"] == nil)
        }
    }

    /// Whether every caller of this version is refused: no role may do it, or only one that takes a sign-in.
    private static func isRefused(_ operation: DocumentedAPI.Operation) -> Bool {
        let isForNobody = !["200", "201", "204"].contains { operation.responses[$0] != nil }
        // Users are for administrators, and locks for who is known.
        return isForNobody || operation.path.hasPrefix("/v1/users") || operation.path.hasPrefix("/v1/locks")
            || ["listInbox", "readInbox", "queryInbox", "aggregateInbox", "updateNote"].contains(operation.id)
    }

    /// The operation's path with a key that no record has, in as many parts as the key has.
    private static func target(_ operation: DocumentedAPI.Operation) -> String {
        let key = operation.path.hasPrefix("/v1/things") ? "ZZ9,9" : operation.path.hasPrefix("/v1/owners") ? uuid : "9"
        return operation.path.replacing("{key}", with: key)
    }

    private static func answer(
        to operation: DocumentedAPI.Operation, _ target: String, _ api: APIClient, headers: HTTPHeaders = [:]
    ) async throws -> APIClient.Answer {
        var headers = headers
        let hasBody = operation.body != nil
        if hasBody { headers.add(name: "Content-Type", value: "application/json") }
        return try await api.send(HTTPMethod(rawValue: operation.method), target, headers: headers, body: hasBody ? "{}" : nil)
    }

    private static let uuid = "01907ddf-6bc0-7000-8000-0000000000ff"

    @Test func `tells nothing of what is for nobody`() async throws {
        try await EverythingServer.with { api, document in
            let text = try await api.get("/openapi.json").body
            #expect(!text.contains("Secret") && !text.contains("secrets"))
            #expect(document.operation("GET", "/v1/secrets") == nil)
        }
    }

    @Test func `shows no hidden field and names every other`() async throws {
        try await ExampleServer.with { server in
            let document = try await server.api.get("/openapi.json")
            guard case .object(let properties) = try document.value("components.schemas.Employee.properties") else { return }
            let record = try await server.api.get("/v1/employees/1").value("data")
            guard case .object(let fields) = record else { return }
            #expect(properties.members.map(\.name).filter { fields[$0] != nil } == fields.members.map(\.name))
            #expect(!properties.members.map(\.name).contains("BirthDate"))
            #expect(!document.body.contains("HomePhone"))
        }
    }

    @Test func `is what the command prints`() async throws {
        try await ExampleServer.with { server in
            let served = try await server.api.get("/openapi.json").json
            let printed = try await SeaworthyProcess.run(["openapi"], in: server.folder.url)
            #expect(printed.status == 0)
            #expect(try JSONParser.parse(printed.output) == served)
        }
    }

    @Test func `has each query parameter that the server knows, and no other`() async throws {
        try await EverythingServer.with { api, document in
            for operation in document.operations {
                let documented = Self.names(operation, in: "query")
                let path = Self.target(operation)
                for name in documented {
                    let (answer, codes) = try await Self.refusal(
                        of: operation, path + "?\(name)=1", api, headers: name == "csv" ? ["Accept": "text/csv"] : [:])
                    #expect(!codes.contains("unknown_parameter"), "\(operation.id) ?\(name): \(answer.body)")
                    #expect(answer.body.isEmpty || !answer.body.contains("not supported"), "\(operation.id) ?\(name)")
                }
                let (answer, unknown) = try await Self.refusal(of: operation, path + "?qqqqqqqqqqqqqqqqqqqq=1", api)
                guard ![401, 403].contains(answer.status) else { continue }
                #expect(unknown == ["unknown_parameter"], "\(operation.id): \(answer.body)")
                // A list tells which parameters it knows.
                for name in Self.known(answer) where !documented.contains(name) {
                    let (refusal, codes) = try await Self.refusal(of: operation, path + "?\(name)=1", api)
                    #expect(
                        codes == ["invalid_parameter"] || codes == ["not_searchable"], "\(operation.id) takes \(name): \(refusal.body)")
                }
            }
        }
    }

    /// The answer, and the codes of its items where it is 400.
    private static func refusal(
        of operation: DocumentedAPI.Operation, _ target: String, _ api: APIClient, headers: HTTPHeaders = [:]
    ) async throws -> (APIClient.Answer, [String]) {
        let answer = try await answer(to: operation, target, api, headers: headers)
        return (answer, answer.status == 400 ? try answer.errorCodes : [])
    }

    @Test func `has each request header that decides on an answer`() async throws {
        try await EverythingServer.with { api, document in
            for operation in document.operations where operation.path.hasPrefix("/v1/owners") {
                let documented = Self.names(operation, in: "header")
                for name in ["If-Match", "If-None-Match"] {
                    let answer = try await Self.answer(to: operation, Self.target(operation), api, headers: [name: "no tag"])
                    #expect(documented.contains(name) == answer.body.contains("entity tags in quotes"), "\(operation.id) \(name)")
                }
            }
        }
    }

    static func names(_ operation: DocumentedAPI.Operation, in place: String) -> [String] {
        operation.parameters.compactMap { parameter in
            guard parameter["in"] == .string(place), case .string(let name)? = parameter["name"] else { return nil }
            return name
        }
    }

    /// `…; known are filter, search, sort` in a refusal.
    private static func known(_ answer: APIClient.Answer) -> [String] {
        guard let detail = try? answer.text("errors.0.detail"), let found = detail.firstRange(of: "known are ") else { return [] }
        return detail[found.upperBound...].split(separator: ", ").map { String($0.filter(\.isLetter)) }
    }
}
