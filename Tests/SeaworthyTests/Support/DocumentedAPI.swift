import NIOHTTP1
import SeaworthySchema
import Synchronization

/// The document that a server serves, to hold its answers to: every status, media type, header and body.
final class DocumentedAPI: Sendable {
    struct Operation: Sendable {
        var id: String
        var method: String
        var path: String
        var parameters: [JSONObject]
        var body: JSONObject?
        var responses: JSONObject
    }

    /// What no operation says, since every answer has it; and what belongs to the transport.
    private static let everywhere: Set<String> = [
        "content-type", "content-length", "content-encoding", "transfer-encoding", "connection", "date", "x-content-type-options",
        "referrer-policy", "content-security-policy", "x-frame-options", "cross-origin-resource-policy", "cross-origin-opener-policy",
        "permissions-policy", "ratelimit-policy", "ratelimit", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset",
    ]
    /// The document says of these in its description that any request can meet them.
    private static let statusesAnywhere: Set<Int> = [417, 501]

    let json: JSONValue
    let operations: [Operation]
    let check: SchemaCheck
    private let sent = Mutex<Set<String>>([])

    init(_ json: JSONValue) {
        self.json = json
        let check = SchemaCheck(document: json)
        self.check = check
        func object(_ value: JSONValue?) -> JSONObject {
            if let value, case .object(let object) = check.resolved(value) { object } else { [:] }
        }
        func list(_ value: JSONValue?) -> [JSONValue] {
            if case .array(let elements)? = value { elements } else { [] }
        }
        guard case .object(let document) = json else {
            operations = []
            return
        }
        operations = object(document["paths"]).members.flatMap { path in
            let item = object(path.value)
            return item.members.filter { $0.name != "parameters" }.map { member in
                let operation = object(member.value)
                let id = if case .string(let id)? = operation["operationId"] { id } else { "?" }
                return Operation(
                    id: id, method: member.name.uppercased(), path: path.name,
                    parameters: (list(item["parameters"]) + list(operation["parameters"])).map { object($0) },
                    body: operation["requestBody"].map { object($0) }, responses: object(operation["responses"]))
            }
        }
    }

    /// The names of documented headers that some answer had.
    var sentHeaders: Set<String> { sent.withLock { $0 } }

    /// Every header that some answer is said to have, in lower case.
    var documentedHeaders: Set<String> {
        var names: Set<String> = []
        for operation in operations {
            for response in operation.responses.members {
                if case .object(let answer) = check.resolved(response.value), case .object(let headers)? = answer["headers"] {
                    names.formUnion(headers.members.map { $0.name.lowercased() })
                }
            }
        }
        return names
    }

    /// The operation of a request; nil where the document has none.
    func operation(_ method: String, _ target: String) -> Operation? {
        let segments = Self.segments(target.prefix { $0 != "?" })
        let method = method == "HEAD" ? "GET" : method
        // As the router does it: the path that is most literal decides, whatever methods it has.
        let matching = operations.filter { operation in
            let template = Self.segments(operation.path[...])
            return template.count == segments.count && zip(template, segments).allSatisfy { $0 == $1 || ($0.hasPrefix("{") && !$1.isEmpty) }
        }
        let path = matching.map(\.path).min { $0.count { $0 == "{" } < $1.count { $0 == "{" } }
        return matching.first { $0.path == path && $0.method == method }
    }

    private static func segments(_ path: Substring) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: false)
    }

    /// In what an answer differs from the document.
    func problems(_ method: String, _ target: String, _ answer: APIClient.Answer) -> [String] {
        guard let operation = operation(method, target), !Self.statusesAnywhere.contains(answer.status) else { return [] }
        let place = "\(operation.id) \(answer.status)"
        guard let response = operation.responses[String(answer.status)], case .object(let rules) = check.resolved(response) else {
            return ["\(place): the status is not in the document; \(answer.body.prefix(200))"]
        }
        return (body(of: answer, rules, isHead: method == "HEAD") + headers(of: answer, rules)).map { "\(place): \($0)" }
    }

    private func body(of answer: APIClient.Answer, _ rules: JSONObject, isHead: Bool) -> [String] {
        guard !answer.body.isEmpty else { return [] }
        let type = String((answer.headers["Content-Type"].first ?? "none").prefix { $0 != ";" })
        guard case .object(let content)? = rules["content"], case .object(let media)? = content[type], let schema = media["schema"] else {
            return ["\(type) is not in the document"]
        }
        guard !isHead, type.hasSuffix("json") else { return [] }
        guard let json = try? JSONParser.parse(answer.body) else { return ["the body is not JSON"] }
        return check.problems(json, schema)
    }

    private func headers(of answer: APIClient.Answer, _ rules: JSONObject) -> [String] {
        var problems: [String] = []
        let documented = if case .object(let headers)? = rules["headers"] { headers.members } else { [JSONObject.Member]() }
        let names = Set(documented.map { $0.name.lowercased() })
        for (name, _) in answer.headers where !Self.everywhere.contains(name.lowercased()) {
            if names.contains(name.lowercased()) {
                _ = sent.withLock { $0.insert(name.lowercased()) }
            } else {
                problems.append("the header \(name) is not in the document")
            }
        }
        for header in documented {
            guard case .object(let rules) = check.resolved(header.value) else { continue }
            let values = answer.headers[header.name]
            if rules["required"] == .bool(true), values.isEmpty { problems.append("the header \(header.name) is missing") }
            for value in values {
                guard let schema = rules["schema"] else { continue }
                let isNumber = if case .object(let schema) = schema { schema["type"] == .string("integer") } else { false }
                problems += check.problems(isNumber ? .number(value) : .string(value), schema, at: header.name)
            }
        }
        return problems
    }
}
