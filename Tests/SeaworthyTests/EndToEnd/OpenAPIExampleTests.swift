import Foundation
import NIOHTTP1
import SeaworthySchema
import Testing

/// Every example of the document is a real answer, or a request that is answered so.
@Suite struct `The examples of the OpenAPI document` {
    @Test func `are answered by the example application as they stand`() async throws {
        let schema = try String(contentsOf: ExampleServer.example.appendingPathComponent("seaworthy.yaml"), encoding: .utf8)
        try await EverythingServer.with(schema: schema) { api, document in
            let made = try await Self.sendCreates(api, document, by: "POST")
            // One for each entity: no field's bounds are beyond what samples are made of.
            #expect(made.count == ExampleServer.tables.count)
            try await Self.sendOthers(api, document, made)
        }
    }

    @Test func `are answered by an application with everything as they stand`() async throws {
        try await EverythingServer.with { api, document in
            // By PUT, so that keys which the server makes at random are those of the examples.
            let made = try await Self.sendCreates(api, document, by: "PUT")
            #expect(made.map(\.entity).sorted() == ["Owner", "Thing"])
            try await Self.sendOthers(api, document, made)
        }
    }

    @Test func `of problems are what the server answers`() async throws {
        try await ExampleServer.with { server in
            let requests: [(name: String, method: HTTPMethod, path: String, headers: HTTPHeaders, body: String?)] = [
                ("BadRequest", .DELETE, "/v1/regions/1?colour=red", [:], nil), ("NotFound", .GET, "/v1/regions/99", [:], nil),
                ("MethodNotAllowed", .DELETE, "/v1/regions", [:], nil),
                ("NotAcceptable", .GET, "/v1/regions/1", ["Accept": "image/png"], nil),
                ("PreconditionFailed", .DELETE, "/v1/regions/1", ["If-Match": "\"other\""], nil),
                ("UnsupportedMediaType", .POST, "/v1/regions", ["Content-Type": "text/plain"], "x"),
                ("Invalid", .POST, "/v1/regions", ["Content-Type": "application/json"], "[]"),
            ]
            let document = try #require(server.api.document)
            var tried: Set<String> = []
            for request in requests {
                tried.insert(request.name)
                let example = try document.value("components.responses.\(request.name).content.application/problem+json.example")
                let answer = try await server.api.send(request.method, request.path, headers: request.headers, body: request.body)
                let sent = try answer.json
                #expect(Self.without("requestId", sent) == Self.without("requestId", example), "\(request.name)")
            }
            // Whatever else has an example has to be tried here, too.
            guard case .object(let responses) = try document.value("components.responses") else { return }
            for response in responses.members where response.value.compactText.contains("\"example\":") {
                #expect(tried.contains(response.name), "\(response.name) has an example that nothing tries")
            }
        }
    }

    // MARK: Steps

    private struct Made {
        var entity: String
        var path: String
        var record: JSONValue
    }

    /// Makes each example's record, those first that others refer to.
    private static func sendCreates(_ api: APIClient, _ document: DocumentedAPI, by method: String) async throws -> [Made] {
        guard case .object(let examples) = try document.value("components.examples") else { return [] }
        var waiting = document.operations.filter { $0.method == method && $0.id.hasPrefix(method == "POST" ? "create" : "put") }.filter {
            examples["\($0.entity).input"] != nil
        }
        var made: [Made] = []
        while !waiting.isEmpty {
            let count = waiting.count
            var left: [DocumentedAPI.Operation] = []
            for operation in waiting {
                let input = try value(examples, "\(operation.entity).input")
                let record = try value(examples, "\(operation.entity).record")
                let path = operation.path.replacing("{key}", with: key(record, of: operation.entity))
                let answer = try await api.send(
                    .init(rawValue: method), path, headers: ["Content-Type": "application/json"], body: input.compactText)
                if answer.status == 409 {
                    left.append(operation)
                    continue
                }
                #expect(answer.status == 201, "\(operation.id): \(answer.body)")
                let sent = try answer.json
                #expect(settled(sent) == settled(record), "\(operation.id)")
                made.append(
                    Made(entity: operation.entity, path: try #require(answer.headers["Location"].first), record: record))
            }
            try #require(left.count < count, "no example can be made of \(left.map(\.id))")
            waiting = left
        }
        return made
    }

    /// Sends the other requests of the document that have examples, and the reads.
    private static func sendOthers(_ api: APIClient, _ document: DocumentedAPI, _ made: [Made]) async throws {
        guard case .object(let examples) = try document.value("components.examples") else { return }
        for one in made {
            let json: HTTPHeaders = ["Content-Type": "application/json"]
            let read = try await api.get(one.path).json
            #expect(settled(read) == settled(one.record), "\(one.path)")
            let input = try value(examples, "\(one.entity).input").compactText
            if document.operation("PUT", one.path)?.responses["200"] != nil {
                let put = try await api.send(.PUT, one.path, headers: json, body: input)
                if put.status != 403 {
                    #expect(put.status == 200, "\(put.body)")
                    let replaced = try put.json
                    #expect(settled(replaced) == settled(one.record), "\(one.path)")
                }
            }
            if examples["\(one.entity).patch"] != nil {
                let patched = try await api.patch(one.path, value(examples, "\(one.entity).patch").compactText)
                let changed = try patched.json
                #expect(settled(changed) == settled(one.record), "\(one.path)")
            }
            let page = try value(examples, "\(one.entity).page")
            let collection = String(one.path.prefix(upTo: try #require(one.path.lastIndex(of: "/"))))
            let listed = try await api.get(collection).json
            #expect(settled(listed) == settled(page), "\(collection)")
            let query = try value(examples, "\(one.entity).query").compactText
            let queried = try await api.post(collection + "/query", query).json
            #expect(settled(queried) == settled(page), "\(collection)/query")
        }
        // Those that refer to others go first, so that the batch's record can be made again.
        for one in made.reversed() {
            let isKept = ["Owner", "Thing", "Supplier"].contains(one.entity)
            let deleted = try await api.delete(one.path + (isKept ? "?purge=true" : ""))
            #expect(deleted.status == 204, "\(one.path): \(deleted.body)")
        }
        let batch = try #require(document.operation("POST", "/v1/batch")?.body)
        let request = try document.value("content.application/json.example", of: .object(batch))
        let answer = try await api.post("/v1/batch", request.compactText)
        let example = try document.value("paths./v1/batch.post.responses.200.content.application/json.example")
        let done = try answer.json
        #expect(settled(done, isNew: true) == settled(example, isNew: true))
    }

    private static func value(_ examples: JSONObject, _ name: String) throws -> JSONValue {
        guard case .object(let example)? = examples[name] else { throw Missing(name: name) }
        return try #require(example["value"])
    }

    private struct Missing: Error {
        var name: String
    }

    private static func key(_ record: JSONValue, of entity: String) -> String {
        guard case .object(let answer) = record, case .object(let fields)? = answer["data"] else { return "?" }
        let names = ["Thing": ["code", "part"], "Owner": ["id"]][entity] ?? []
        return names.map { name in
            switch fields[name] {
            case .string(let text)?: text
            case .number(let digits)?: digits
            default: "?"
            }
        }.joined(separator: ",")
    }

    /// Without what no schema can tell: when a record was made, and with `isNew` which key the server made at random.
    private static func settled(_ json: JSONValue, isNew: Bool = false) -> JSONValue {
        switch json {
        case .object(let object):
            .object(
                JSONObject(
                    object.members.map { member in
                        let isMade = ["createdAt", "updatedAt"].contains(member.name) || (member.name == "id" && isNew)
                        return .init(name: member.name, value: isMade ? .string("made") : settled(member.value, isNew: isNew))
                    }))
        case .array(let elements): .array(elements.map { settled($0, isNew: isNew) })
        default: json
        }
    }

    private static func without(_ name: String, _ json: JSONValue) -> JSONValue {
        guard case .object(let object) = json else { return json }
        return .object(JSONObject(object.members.filter { $0.name != name }))
    }
}

extension DocumentedAPI.Operation {
    /// The entity that an operation's name ends with.
    fileprivate var entity: String { String(id.drop { $0.isLowercase }) }
}

extension DocumentedAPI {
    /// The value behind a path of members: names may hold slashes and dots of media types, but no dot else.
    fileprivate func value(_ path: String) throws -> JSONValue { try value(path, of: json) }

    fileprivate func value(_ path: String, of json: JSONValue) throws -> JSONValue {
        try path.split(separator: ".").reduce(json) { value, name in
            guard case .object(let object) = check.resolved(value) else { throw APIClient.DecodingFailure(path: path, body: "") }
            return try #require(object[String(name)], "no \(name) in \(path)")
        }
    }
}
