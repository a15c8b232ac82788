import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import SeaworthyData
import SeaworthySchema

/// `POST /v1/batch`: operations on records that are carried out together or not at all.
///
/// The body is `{"operations":[{"method","path","body"?,"headers"?}]}`; an operation is what the same request would be by itself.
struct BatchRoute: Sendable {
    private let store: RecordStore
    private let collections: [String: RecordCollection]
    private let limiter: RequestLimiter?
    private let once: IdempotentWrites
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - limiter: counts operations on entities with limits of their own; nil counts none.
    ///   - once: answers the batches that have an `Idempotency-Key`.
    init(_ store: RecordStore, limiter: RequestLimiter?, once: IdempotentWrites, now: @escaping @Sendable () -> Int64) {
        self.store = store
        self.once = once
        self.limiter = limiter
        self.now = now
        collections = Dictionary(uniqueKeysWithValues: store.collections.map { ($0.entity.path, $0) })
    }

    var route: Route { Route(.post, "/v1/batch", operation: "batch", handler: run) }

    @Sendable private func run(_ exchange: HTTPExchange) async throws -> Response {
        _ = try exchange.negotiated([.json])
        if let item = try exchange.queryItems().first { throw Problem.unknownParameter(item.name) }
        try RecordRoutes.refuseConditions(exchange)
        let key = try exchange.idempotencyKey()
        let type = try exchange.requireMediaType()
        let body = try await exchange.collectBody()
        let operations = try operations(of: try HTTPExchange.json(of: body))
        try await limiter?.count(batch: operations.map(\.operation.collection.entity.name), exchange)
        if key != nil { try store.requireRights(to: operations.map(\.operation), by: exchange.caller) }
        return try await once.answer(exchange, key: key) {
            exchange.fingerprint(type, body)
        } answer: { results in
            answer(results, operations)
        } write: { ending in
            try await store.batch(
                operations.map(\.operation), WriteRequest(exchange.caller, now: now(), requestID: exchange.requestID), ending: ending)
        }
    }

    private func answer(_ results: [BatchResult], _ operations: [Parsed]) -> WriteAnswer {
        var body = [UInt8](room: 256 * results.count + 64)
        body.write("{\"data\":[")
        for (index, result) in results.enumerated() {
            if index > 0 { body.write(",") }
            body.write("{\"status\":")
            body.write(integer: status(of: result, operations[index]))
            body.write(",\"data\":")
            if let record = result.record, !operations[index].prefersMinimal {
                // The record as it stands behind `{"data":`.
                body.append(contentsOf: record.body.readableBytesView.dropFirst(8).dropLast())
            } else {
                body.write("null")
            }
            body.write("}")
        }
        body.write("]}")
        return WriteAnswer(.ok, [.contentType: MediaType.json.fieldValue, .vary: "Accept"], ByteBuffer(bytes: body))
    }

    private func status(of result: BatchResult, _ operation: Parsed) -> Int64 {
        if result.isNew { return 201 }
        return result.record == nil || operation.prefersMinimal ? 204 : 200
    }

    // MARK: Operations

    private struct Parsed: Sendable {
        var operation: BatchOperation
        var prefersMinimal: Bool
    }

    private func operations(of json: JSONValue) throws(Problem) -> [Parsed] {
        guard case .object(let object) = json else { throw Self.invalid("", "wrong_type", "is \(json.kind); expected an object") }
        if let other = object.members.first(where: { $0.name != "operations" }) {
            throw Self.invalid(
                "/\(other.name.jsonPointerEscaped.excerpt)", "unknown_field", "is not a member of a batch; known is operations")
        }
        guard let list = object["operations"] else { throw Self.invalid("/operations", "required", "is missing") }
        guard case .array(let elements) = list else {
            throw Self.invalid("/operations", "wrong_type", "is \(list.kind); expected a list of operations")
        }
        guard (1...RecordStore.maximumBatch).contains(elements.count) else {
            throw Self.invalid(
                "/operations", "out_of_range",
                "has \(elements.count) operations; at least 1 and at most \(RecordStore.maximumBatch) are allowed")
        }
        var operations: [Parsed] = []
        for (index, element) in elements.enumerated() {
            do {
                operations.append(try operation(element))
            } catch {
                throw error.within(operation: index, pointersIn: "")
            }
        }
        return operations
    }

    private func operation(_ json: JSONValue) throws(Problem) -> Parsed {
        guard case .object(let object) = json else { throw Self.invalid("", "wrong_type", "is \(json.kind); expected an object") }
        let known = ["method", "path", "body", "headers"]
        if let other = object.members.first(where: { !known.contains($0.name) }) {
            throw Self.invalid(
                "/\(other.name.jsonPointerEscaped.excerpt)", "unknown_field",
                "is not a member of an operation; known are \(known.joined(separator: ", "))")
        }
        let headers = try headers(object["headers"])
        guard case .string(let method)? = object["method"] else { throw Self.invalid("/method", "required", "is missing, or no text") }
        guard case .string(let target)? = object["path"] else { throw Self.invalid("/path", "required", "is missing, or no text") }
        guard target.utf8.allSatisfy(RequestFacts.mayStandInTarget) else {
            throw Self.invalid("/path", "invalid_encoding", "has characters that must be percent-encoded")
        }
        let exchange = HTTPExchange(.init(rawValue: method) ?? .get, target, headers: headers)
        let (collection, action) = try action(method, exchange)
        let takesBody =
            switch action {
            case .create, .update, .put: true
            case .read, .delete, .restore: false
            }
        guard takesBody == (object["body"] != nil) else {
            throw Self.invalid(
                "/body", takesBody ? "required" : "unknown_field",
                takesBody ? "is missing" : "is not taken by \(method.excerpt) of this path")
        }
        switch action {
        case .create, .read:
            for name in ["If-Match", "If-None-Match"] where exchange.header(name) != nil {
                throw Self.invalid("/headers/\(name)", "not_supported", "is not supported by \(method) of this path in a batch")
            }
        case .update, .put, .delete, .restore: break
        }
        let operation = BatchOperation(collection, action, body: object["body"], if: try RecordRoutes.condition(exchange))
        return Parsed(operation: operation, prefersMinimal: exchange.prefersMinimal)
    }

    private func headers(_ json: JSONValue?) throws(Problem) -> HTTPHeaders {
        guard let json else { return [:] }
        guard case .object(let object) = json else { throw Self.invalid("/headers", "wrong_type", "is \(json.kind); expected an object") }
        var headers: HTTPHeaders = [:]
        for member in object.members {
            let place = "/headers/\(member.name.jsonPointerEscaped.excerpt)"
            guard ["if-match", "if-none-match", "prefer"].contains(member.name.lowercased()) else {
                throw Self.invalid(
                    place, "not_supported", "is not supported in a batch; known are If-Match, If-None-Match, Prefer")
            }
            guard case .string(let value) = member.value else {
                throw Self.invalid(place, "wrong_type", "is \(member.value.kind); expected a text")
            }
            headers.add(name: member.name, value: value)
        }
        return headers
    }

    private func action(_ method: String, _ exchange: HTTPExchange) throws(Problem) -> (RecordCollection, BatchOperation.Action) {
        let segments = exchange.path.split(separator: "/", omittingEmptySubsequences: false)
        guard segments.count >= 3, segments[0].isEmpty, segments[1] == "v1", let collection = collections[String(segments[2])] else {
            throw Self.invalid("/path", "not_found", "is no path of records, such as /v1/orders")
        }
        let key = segments.count > 3 ? try RecordRoutes.keyParts(segments[3], of: collection.entity) : []
        let isPurge = try RecordRoutes.purge(exchange, collection.entity, allowed: method == "DELETE")
        let isRestore = segments.count == 5 && segments[4] == "restore" && collection.entity.hasSoftDelete
        let isKey = segments.count == 3 || !(segments[3].isEmpty || RecordRoutes.words(collection.entity).contains(segments[3]))
        guard segments.count <= 4 || isRestore, isKey else {
            throw Self.invalid("/path", "not_found", "is no path that a batch takes")
        }
        switch (method, segments.count) {
        case ("POST", 3): return (collection, .create)
        case ("GET", 4): return (collection, .read(key: key))
        case ("PATCH", 4): return (collection, .update(key: key))
        case ("PUT", 4): return (collection, .put(key: key))
        case ("DELETE", 4): return (collection, .delete(key: key, isPurge: isPurge))
        case ("POST", 5): return (collection, .restore(key: key))
        default: throw Self.invalid("/method", "method_not_allowed", "«\(method.excerpt)» is not taken by this path in a batch")
        }
    }

    private static func invalid(_ pointer: String, _ code: String, _ detail: String) -> Problem {
        let problem = Problem(status: .unprocessableContent, code: ProblemCode("invalid_record"), detail: "The batch cannot be read.")
        var invalid = problem
        invalid.errors = [ProblemItem(.pointer(pointer), code: ProblemCode(code), detail: detail)]
        return invalid
    }
}
