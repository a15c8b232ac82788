import HTTPTypes
import HummingbirdCore
import NIOCore
import SeaworthyData
import SeaworthySchema

/// The routes of one entity's records.
struct RecordRoutes: Sendable {
    private let records: RecordCollection
    private let path: String
    /// The time of a request, in microseconds since the epoch.
    private let now: @Sendable () -> Int64

    init(_ records: RecordCollection, now: @escaping @Sendable () -> Int64) {
        self.records = records
        self.now = now
        path = "/v1/\(records.entity.path)"
    }

    var routes: [Route] {
        let name = records.entity.name
        let reading = [
            Route(.get, path, operation: "list\(name)", handler: list),
            Route(.get, path + "/{key}", operation: "read\(name)", handler: read),
        ]
        // A view has nothing to write to, so the paths take no other method.
        guard !records.entity.isReadOnly else { return reading }
        return reading + [
            Route(.post, path, operation: "create\(name)", handler: create),
            Route(.patch, path + "/{key}", operation: "update\(name)", handler: update),
            Route(.delete, path + "/{key}", operation: "delete\(name)", handler: delete),
        ]
    }

    @Sendable private func list(_ exchange: HTTPExchange) async throws -> Response {
        let page = try await records.list(query: try exchange.queryItems())
        var response = Self.json(.ok, page.body)
        switch page.next {
        case .cursor(let cursor): response.headers[.link] = nextLink(exchange, "cursor", cursor)
        case .page(let number): response.headers[.link] = nextLink(exchange, "page", String(number))
        case nil: break
        }
        return response
    }

    @Sendable private func read(_ exchange: HTTPExchange) async throws -> Response {
        Self.json(.ok, try await records.read(key: try key(exchange), query: try exchange.queryItems()).body)
    }

    @Sendable private func create(_ exchange: HTTPExchange) async throws -> Response {
        try refuseLaterFeatures(exchange)
        let created = try await records.create(try await body(exchange, [.json]), WriteRequest(now: now()))
        var response = Self.json(.created, created.body)
        response.headers[.location] = "\(path)/\(created.keyPath)"
        return response
    }

    @Sendable private func update(_ exchange: HTTPExchange) async throws -> Response {
        try refuseLaterFeatures(exchange)
        let key = try key(exchange)
        return Self.json(.ok, try await records.update(key: key, try await body(exchange, [.mergePatch, .json]), WriteRequest(now: now())).body)
    }

    @Sendable private func delete(_ exchange: HTTPExchange) async throws -> Response {
        try refuseLaterFeatures(exchange)
        try await records.delete(key: try key(exchange), WriteRequest(now: now()))
        return Response(status: .noContent)
    }

    private static func json(_ status: HTTPResponse.Status, _ body: ByteBuffer) -> Response {
        Response(status: status, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
    }

    /// The parts of the key, split at the commas before they are decoded: a part may contain an encoded one.
    private func key(_ exchange: HTTPExchange) throws(Problem) -> [String] {
        guard let raw = exchange.parameters["key"] else { return [] }
        guard records.entity.key.count > 1 else { return [try percentDecoded(raw, parameter: "key")] }
        var parts: [String] = []
        for part in raw.split(separator: ",", omittingEmptySubsequences: false) { parts.append(try percentDecoded(part, parameter: "key")) }
        return parts
    }

    private func body(_ exchange: HTTPExchange, _ types: [HTTPExchange.JSONMediaType]) async throws -> JSONValue {
        try exchange.requireMediaType(types)
        let buffer = try await exchange.collectBody()
        do {
            return try buffer.withUnsafeReadableBytes { bytes in try JSONParser.parse(bytes.assumingMemoryBound(to: UInt8.self)) }
        } catch let error as JSONError {
            throw Problem.badRequest("The body cannot be read: \(error).", code: error.problemCode)
        }
    }

    /// A write that asks for what this version does not do is refused: carried out without it, it would be another write.
    private func refuseLaterFeatures(_ exchange: HTTPExchange) throws(Problem) {
        for name in ["If-Match", "If-None-Match", "If-Unmodified-Since", "Idempotency-Key"] where exchange.header(name) != nil {
            let detail = "\(name) is not supported in this version."
            throw .notSupported(detail, errors: [ProblemItem(.header(name), code: .notSupported, detail: detail)])
        }
        for item in try exchange.queryItems() {
            guard item.name == "purge" || item.name == "include" || item.name == "select" else { throw .unknownParameter(item.name) }
            throw .badParameter(
                item.name, code: .notSupported, detail: "The parameter \"\(item.name)\" is not supported here in this version.")
        }
    }

    /// The request's own address with another position: `</v1/orders?limit=10&cursor=…>; rel="next"` (RFC 8288).
    private func nextLink(_ exchange: HTTPExchange, _ name: String, _ value: String) -> String {
        let kept = (exchange.rawQuery ?? "").split(separator: "&").filter { item in
            let name = item.prefix { $0 != "=" }
            return name != "cursor" && name != "page"
        }
        return "<\(path)?\((kept + ["\(name)=\(value)"]).joined(separator: "&"))>; rel=\"next\""
    }
}
