import Foundation
import NIOHTTP1
import SeaworthySchema
import Testing

/// A word that must not be seen again goes in by every way that there is.
@Suite struct `A canary` {
    private static let canary = "Canary0f4c81d9e2b7"
    private static let schema = """
        name: shop
        identity: { register: true, attributes: { region: string } }
        entities:
          Shelf:
            key: Code
            fields:
              Code: { type: string, max: 60 }
              Width: { type: integer, min: 0 }
              Owner: { type: email, unique: true }
              Mode: { type: enum, values: [open, closed] }
              Day: { type: date }
            audit: true
            softDelete: true
            access:
              anyone: { read: true }
              sales: { create: true, update: true, delete: true, restore: true, purge: true, history: true }
        """

    /// What a field of a head holds that is meant to be told again: it names the request.
    private static let headers = [
        "Authorization", "Proxy-Authorization", "Cookie", "Accept", "Accept-Encoding", "Accept-Language", "Content-Encoding",
        "Content-Language",
        "If-Match", "If-None-Match", "If-Modified-Since", "If-Range", "Range", "Prefer", "Origin", "Referer", "Forwarded", "From",
        "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "X-Api-Key", "X-CSRF-Token", "Seaworthy-Consistency",
        "traceparent",
        "tracestate", "baggage", "Idempotency-Key", "Sec-Fetch-Site", "X-HTTP-Method-Override", "TE", "Via", "X-Custom",
    ]

    private static let naming = ["sort", "select", "groupBy", "measures"]

    private func value(_ schema: JSONValue?, _ document: DocumentedAPI) -> String {
        guard let schema, case .object(let object) = document.check.resolved(schema) else { return #""\#(Self.canary)""# }
        switch object["type"] {
        case .string("array"): return #"["\#(Self.canary)"]"#
        case .string("object"): return #"{"\#(Self.canary)":"\#(Self.canary)"}"#
        default: return #""\#(Self.canary)""#
        }
    }

    private func body(_ operation: DocumentedAPI.Operation, _ document: DocumentedAPI) -> String? {
        guard let body = operation.body, case .object(let content)? = body["content"], let media = content.members.first?.value,
            case .object(let rules) = media, let schema = rules["schema"], case .object(let object) = document.check.resolved(schema)
        else { return operation.body == nil ? nil : #"{"x":"\#(Self.canary)"}"# }
        guard case .object(let properties)? = object["properties"] else { return #"{"x":"\#(Self.canary)"}"# }
        let members = properties.members.map { #""\#($0.name)":\#(value($0.value, document))"# }
        return "{\((members + [#""unknown":"\#(Self.canary)""#]).joined(separator: ","))}"
    }

    @Test(arguments: ["info", "debug"])
    func `that is sent in every input is in no log and in no problem`(level: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.schema, to: "seaworthy.yaml")
        let password = "correct horse \(Self.canary)"
        let environment = [
            "LOG_LEVEL": level, "SECRET_KEYS": "9f2c7a41d08be653b7e1905c3fd8a642\(Self.canary)", "MAIL_FROM": "shop@example.com",
        ]
        for (email, role) in [("ann@example.com", ["--role", "sales"]), ("root@example.com", ["--admin"])] {
            let made = try await SeaworthyProcess.run(
                ["user", "create", "--email", email, "--password-stdin"] + role, in: folder.url, environment: environment,
                input: password + "\n")
            try #require(made.status == 0)
            #expect(!made.output.contains(Self.canary) && !made.errors.contains(Self.canary))
        }
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
        do {
            try await tryAll(APIClient(address: address), password)
        } catch {
            await process.stop()
            throw error
        }
        let outcome = await process.stop()
        // At debug paths are shown, which is why nobody runs it where it counts; what names a secret is not.
        let lines = outcome.output.split(separator: "\n").filter { $0.contains(Self.canary) }
        let shown = level == "debug" ? lines.filter { !$0.contains(#""label":"seaworthy.access""#) } : lines
        #expect(shown.isEmpty, "\(shown.prefix(3))")
        #expect(outcome.output.contains(#""message":"request""#) && outcome.status == 0)
        #expect(!outcome.errors.contains(Self.canary))
    }

    private func tryAll(_ api: APIClient, _ password: String) async throws {
        var tokens: [String?] = [nil]
        for email in ["ann@example.com", "root@example.com"] {
            let answer = try await api.post("/v1/auth/login", #"{"email":"\#(email)","password":"\#(password)"}"#)
            tokens.append(try answer.text("data.accessToken"))
        }
        let document = DocumentedAPI(try await api.get("/openapi.json").json)
        var statuses: [Int: Int] = [:]
        func send(_ method: HTTPMethod, _ path: String, _ headers: HTTPHeaders, _ body: String?) async throws {
            let answer = try await api.send(method, path, headers: headers, body: body)
            statuses[answer.status, default: 0] += 1
            guard answer.status >= 400 else { return }
            // Of what names fields a problem says which is none.
            if !Self.naming.contains(where: { path.contains("?\($0)=") }) {
                #expect(!answer.body.contains(Self.canary), "\(method) \(path): \(answer.body)")
            }
            for (name, value) in answer.headers { #expect(!value.contains(Self.canary), "\(method) \(path): \(name)") }
        }
        for operation in document.operations where operation.id != "logout" && operation.id != "logoutAll" {
            let method = HTTPMethod(rawValue: operation.method)
            let body = body(operation, document)
            let plain = operation.path.replacing(/\{[^}]*\}/, with: Self.canary)
            for token in tokens {
                var headers: HTTPHeaders =
                    body == nil
                    ? [:] : ["Content-Type": operation.id.hasPrefix("update") ? "application/merge-patch+json" : "application/json"]
                if let token { headers.add(name: "Authorization", value: "Bearer \(token)") }
                try await send(method, plain, headers, body)
                for case .string(let name)? in operation.parameters.filter({ $0["in"] == .string("query") }).map({ $0["name"] }) {
                    try await send(method, "\(plain)?\(name)=\(Self.canary)", headers, body)
                }
            }
        }
        for path in ["/v1/shelfs", "/v1/shelfs/x", "/v1/auth/me", "/readyz", "/docs", "/v1/auth/csrf"] {
            for name in Self.headers {
                for value in [Self.canary, "Bearer \(Self.canary)", "__Host-seaworthy-access=\(Self.canary).x", "\"\(Self.canary)"] {
                    try await send(.GET, path, [name: value], nil)
                    try await send(.POST, path, [name: value, "Content-Type": "application/json"], #"{"Code":"a"}"#)
                }
            }
        }
        try await send(.POST, "/v1/shelfs", ["Content-Type": Self.canary], "{}")
        // What is broken before it is read.
        for body in ["{\"\(Self.canary)", Self.canary, "[\(Self.canary)]", "\u{FEFF}\(Self.canary)"] {
            try await send(.POST, "/v1/auth/login", ["Content-Type": "application/json"], body)
            try await send(
                .POST, "/v1/shelfs/import", ["Content-Type": "text/csv", "Authorization": "Bearer \(tokens[1] ?? "")"],
                "Code,Width\n\(body),\(Self.canary)\n")
        }
        // What is kept, and is there already.
        let headers: HTTPHeaders = ["Content-Type": "application/json", "Authorization": "Bearer \(tokens[1] ?? "")"]
        for code in ["", "", "2"] {
            try await send(
                .POST, "/v1/shelfs", headers, #"{"Code":"\#(Self.canary)\#(code)","Owner":"\#(Self.canary)@example.com"}"#)
        }
        try await send(.PUT, "/v1/shelfs/\(Self.canary)", headers.adding("If-Match", "\"\(Self.canary)\""), #"{"Width":1}"#)
        // All kinds of answers were met.
        #expect([200, 201, 400, 401, 403, 404, 409, 412, 415, 422].allSatisfy { (statuses[$0] ?? 0) > 0 }, "\(statuses)")
    }
}

extension HTTPHeaders {
    fileprivate func adding(_ name: String, _ value: String) -> HTTPHeaders {
        var headers = self
        headers.add(name: name, value: value)
        return headers
    }
}
