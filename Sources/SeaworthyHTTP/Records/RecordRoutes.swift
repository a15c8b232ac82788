import HTTPTypes
import HummingbirdCore
import NIOCore
import SeaworthyData
import SeaworthyQuery
import SeaworthySchema

/// The routes of one entity's records.
struct RecordRoutes: Sendable {
    let records: RecordCollection
    private let path: String
    /// The time of a request, in microseconds since the epoch.
    private let now: @Sendable () -> Int64
    let imports: ImportSlots
    let once: IdempotentWrites

    /// - Parameter once: answers the writes that may have an `Idempotency-Key`.
    init(_ records: RecordCollection, imports: ImportSlots, once: IdempotentWrites, now: @escaping @Sendable () -> Int64) {
        self.records = records
        self.imports = imports
        self.once = once
        self.now = now
        path = "/v1/\(records.entity.path)"
    }

    var routes: [Route] {
        let (name, entity) = (records.entity.name, records.entity)
        let one = path + "/{key}"
        var routes = [
            Route(.get, path, operation: "list\(name)", counting: .list(entity: name), handler: list),
            Route(.get, path + "/aggregate", operation: "aggregate\(name)", counting: .standard(entity: name), handler: aggregate),
            Route(.get, one, operation: "read\(name)", counting: .standard(entity: name), handler: read),
            Route(.post, path + "/query", operation: "query\(name)", counting: .standard(entity: name), handler: query),
        ]
        if entity.audit != nil {
            routes.append(Route(.get, one + "/history", operation: "history\(name)", counting: .standard(entity: name), handler: history))
        }
        // A view has nothing to write to, so the paths take no other method.
        guard !entity.isReadOnly else { return routes }
        routes += [
            Route(.post, path, operation: "create\(name)", counting: .standard(entity: name), handler: create),
            Route(.post, path + "/import", operation: "import\(name)", counting: .importing(entity: name), handler: importRecords),
            Route(.put, one, operation: "put\(name)", counting: .standard(entity: name), handler: put),
            Route(.patch, one, operation: "update\(name)", counting: .standard(entity: name), handler: update),
            Route(.delete, one, operation: "delete\(name)", counting: .standard(entity: name), handler: delete),
        ]
        if entity.hasSoftDelete {
            routes.append(Route(.post, one + "/restore", operation: "restore\(name)", counting: .standard(entity: name), handler: restore))
        }
        return routes
    }

    /// What stands where a record's key would, and is none.
    static func words(_ entity: Entity) -> [Substring] {
        ["aggregate", "query"] + (entity.isReadOnly ? [] : ["import"])
    }

    // MARK: Reading

    /// In JSON a page at a time, in the others whole.
    static let listTypes: [MediaType] = [.json, .csv, .ndjson]

    @Sendable private func list(_ exchange: HTTPExchange) async throws -> Response {
        let type = try exchange.negotiated(Self.listTypes)
        guard type == .json else { return try await export(exchange, as: type) }
        return page(try await records.list(query: try exchange.queryItems(), as: exchange.caller), exchange)
    }

    /// A list whose query stands in the body.
    @Sendable private func query(_ exchange: HTTPExchange) async throws -> Response {
        _ = try exchange.negotiated([.json])
        if let item = try exchange.queryItems().first { throw Problem.unknownParameter(item.name) }
        try exchange.requireMediaType()
        let json = try await exchange.jsonBody()
        do {
            let page = try await records.list(query: try QueryBody.items(of: json), as: exchange.caller)
            return self.page(page, exchange, links: false)
        } catch let error as QueryProblems {
            throw QueryBody.problem(error)
        }
    }

    @Sendable private func aggregate(_ exchange: HTTPExchange) async throws -> Response {
        _ = try exchange.negotiated([.json])
        return page(try await records.aggregate(query: try exchange.queryItems(), as: exchange.caller), exchange)
    }

    @Sendable private func history(_ exchange: HTTPExchange) async throws -> Response {
        _ = try exchange.negotiated([.json])
        return page(try await records.history(key: try key(exchange), query: try exchange.queryItems(), as: exchange.caller), exchange)
    }

    /// - Parameter links: whether the next page has an address.
    private func page(_ page: RecordPage, _ exchange: HTTPExchange, links: Bool = true) -> Response {
        var response = json(.ok, page.body)
        if links { response.headers[.link] = nextLink(page, exchange) }
        page.cache?.write(into: &response.headers, exchange)
        return response
    }

    /// The address of the next page (RFC 8288); nil behind the last.
    func nextLink(_ page: RecordPage, _ exchange: HTTPExchange) -> String? {
        switch page.next {
        case .cursor(let cursor): nextLink(exchange, "cursor", cursor)
        case .page(let number): nextLink(exchange, "page", String(number))
        case nil: nil
        }
    }

    @Sendable private func read(_ exchange: HTTPExchange) async throws -> Response {
        _ = try exchange.negotiated([.json])
        let condition = try exchange.ifNoneMatch()
        let record = try await records.read(key: try key(exchange), query: try exchange.queryItems(), as: exchange.caller)
        guard let condition, record.tags.contains(where: condition.matches(weak:)) else {
            var response = self.record(.ok, record).response
            record.cache?.write(into: &response.headers, exchange)
            return response
        }
        var response = Response(status: .notModified, headers: [.eTag: "\"\(record.tags[0])\""])
        record.cache?.write(into: &response.headers, exchange)
        response.headers.addVary("Accept")
        return response
    }

    // MARK: Writing

    @Sendable private func create(_ exchange: HTTPExchange) async throws -> Response {
        try refuseParameters(exchange)
        try Self.refuseConditions(exchange)
        let key = try exchange.idempotencyKey()
        let type = try exchange.requireMediaType()
        let body = try await exchange.collectBody()
        let json = try HTTPExchange.json(of: body)
        if key != nil { try records.requireCreating(by: exchange.caller) }
        return try await once.answer(exchange, key: key) {
            exchange.fingerprint(type, body)
        } answer: { record in
            written(.created, record, exchange)
        } write: { ending in
            try await records.create(json, request(exchange), ending: ending)
        }
    }

    @Sendable private func put(_ exchange: HTTPExchange) async throws -> Response {
        try refuseParameters(exchange)
        let (key, condition) = (try key(exchange), try Self.condition(exchange))
        let record = try await records.put(key: key, try await body(exchange, [.json]), request(exchange), if: condition)
        return written(record.isNew ? .created : .ok, record, exchange).response
    }

    @Sendable private func update(_ exchange: HTTPExchange) async throws -> Response {
        try refuseParameters(exchange)
        let (key, condition) = (try key(exchange), try Self.condition(exchange))
        let record = try await records.update(key: key, try await body(exchange, [.mergePatch, .json]), request(exchange), if: condition)
        return written(.ok, record, exchange).response
    }

    @Sendable private func delete(_ exchange: HTTPExchange) async throws -> Response {
        let isPurge = try Self.purge(exchange, records.entity)
        try await records.delete(key: try key(exchange), request(exchange), if: try Self.condition(exchange), isPurge: isPurge)
        return Response(status: .noContent)
    }

    @Sendable private func restore(_ exchange: HTTPExchange) async throws -> Response {
        try refuseParameters(exchange)
        let record = try await records.restore(key: try key(exchange), request(exchange), if: try Self.condition(exchange))
        return written(.ok, record, exchange).response
    }

    func request(_ exchange: HTTPExchange) -> WriteRequest {
        WriteRequest(exchange.caller, now: now(), requestID: exchange.requestID)
    }

    // MARK: Answers

    private func json(_ status: HTTPResponse.Status, _ body: ByteBuffer) -> Response { Self.json(status, body).response }

    private static func json(_ status: HTTPResponse.Status, _ body: ByteBuffer) -> WriteAnswer {
        WriteAnswer(status, [.contentType: MediaType.json.fieldValue, .vary: "Accept"], body)
    }

    private func record(_ status: HTTPResponse.Status, _ record: StoredRecord) -> WriteAnswer {
        var answer: WriteAnswer = Self.json(status, record.body)
        if let tag = record.tags.first { answer.headers[.eTag] = "\"\(tag)\"" }
        return answer
    }

    /// The answer to a write: the record, or nothing of it where the client prefers that.
    private func written(_ status: HTTPResponse.Status, _ record: StoredRecord, _ exchange: HTTPExchange) -> WriteAnswer {
        var answer = self.record(status, record)
        if exchange.prefersMinimal {
            answer = WriteAnswer(status == .created ? .created : .noContent, answer.headers)
            answer.headers[.contentType] = nil
            answer.headers.setMinimalApplied()
        }
        if status == .created { answer.headers[.location] = "\(path)/\(record.keyPath)" }
        return answer
    }

    // MARK: Requests

    /// The parts of the key, split at the commas before they are decoded: a part may contain an encoded one.
    private func key(_ exchange: HTTPExchange) throws(Problem) -> [String] {
        guard let raw = exchange.parameters["key"] else { return [] }
        return try Self.keyParts(raw, of: records.entity)
    }

    static func keyParts(_ raw: Substring, of entity: Entity) throws(Problem) -> [String] {
        guard entity.key.count > 1 else { return [try percentDecoded(raw, parameter: "key")] }
        var parts: [String] = []
        for part in raw.split(separator: ",", omittingEmptySubsequences: false) { parts.append(try percentDecoded(part, parameter: "key")) }
        return parts
    }

    private func body(_ exchange: HTTPExchange, _ types: [MediaType]) async throws -> JSONValue {
        try exchange.requireMediaType(types)
        return try await exchange.jsonBody()
    }

    /// The conditions on the stored record. One that is not understood is refused: carried out without it, it would be another write.
    static func condition(_ exchange: HTTPExchange) throws(Problem) -> RecordCondition {
        try refuse(exchange, ["If-Unmodified-Since", "Idempotency-Key"])
        var condition = RecordCondition()
        if let ifMatch = try exchange.ifMatch() { condition.ifMatch = { tag in ifMatch.matches(strong: tag) } }
        if let ifNoneMatch = try exchange.ifNoneMatch() { condition.ifNoneMatch = { tag in ifNoneMatch.matches(weak: tag) } }
        return condition
    }

    /// Refuses every condition where there is no stored record that it could be about.
    static func refuseConditions(_ exchange: HTTPExchange) throws(Problem) {
        try refuse(exchange, ["If-Match", "If-None-Match", "If-Unmodified-Since"])
    }

    private static func refuse(_ exchange: HTTPExchange, _ names: [String]) throws(Problem) {
        for name in names where exchange.header(name) != nil {
            let detail = "\(name) is not supported here in this version."
            throw .notSupported(detail, errors: [ProblemItem(.header(name), code: .notSupported, detail: detail)])
        }
    }

    private func refuseParameters(_ exchange: HTTPExchange) throws(Problem) {
        for item in try exchange.queryItems() {
            guard item.name == "include" || item.name == "select" else { throw .unknownParameter(item.name) }
            throw .badParameter(
                item.name, code: .notSupported, detail: "The parameter \"\(item.name)\" is not supported here in this version.")
        }
    }

    /// Whether a delete is for good.
    static func purge(_ exchange: HTTPExchange, _ entity: Entity, allowed: Bool = true) throws(Problem) -> Bool {
        var isPurge: Bool?
        for item in try exchange.queryItems() {
            guard item.name == "purge", allowed else { throw .unknownParameter(item.name) }
            guard entity.hasSoftDelete else {
                throw .badParameter(
                    "purge", code: ProblemCode("invalid_parameter"),
                    detail: "Deleted records of \(entity.name) do not stay: there is nothing to purge.")
            }
            guard isPurge == nil, item.value == "true" || item.value == "false" else {
                throw .badParameter(
                    "purge", code: ProblemCode("invalid_parameter"), detail: "The parameter \"purge\" is true or false, and stands once.")
            }
            isPurge = item.value == "true"
        }
        return isPurge ?? false
    }

    /// The request's own address with another position: `</v1/orders?limit=10&cursor=…>; rel="next"` (RFC 8288).
    private func nextLink(_ exchange: HTTPExchange, _ name: String, _ value: String) -> String {
        let kept = (exchange.rawQuery ?? "").split(separator: "&").filter { item in
            let name = item.prefix { $0 != "=" }
            return name != "cursor" && name != "page"
        }
        return "<\(exchange.path)?\((kept + ["\(name)=\(value)"]).joined(separator: "&"))>; rel=\"next\""
    }
}
