import NIOCore
import SeaworthyQuery
import SeaworthySchema
import SeaworthyStorage
import Tracing

extension RecordCollection {
    /// A page of rows of groups and measures over the records that the caller sees, as `{"data":[…],"meta":{…}}`.
    ///
    /// - Parameter items: the query's parameters, decoded.
    package func aggregate(query items: [(name: String, value: String)], as caller: Caller = .anonymous) async throws -> RecordPage {
        let access = access(of: caller)
        try requireRead(access)
        let request = try AggregateRequestParser.parse(items, at: position, model: access.model, api: schema.api)
        try require(request.records.deleted, access)
        guard keepsAnswers else { return try await page(request, access) }
        var footprint = CacheFootprint(access.model)
        footprint.add(request)
        return try await kept("aggregate", items, access, footprint) { [self] in
            let page = try await page(request, access)
            return CachedAnswer(body: page.body, next: page.next)
        }
    }

    private func page(_ request: AggregateRequest, _ access: CallerAccess) async throws -> RecordPage {
        let span = planSpan()
        defer { span?.end() }
        let plan = AggregatePlan(request, model: access.model, rule: rule(for: request.records.deleted))
        let statement = cache.statement(entity: entity.name, plan.shape) { plan.sql(dialect) }
        span?.end()
        let page: AggregateReader.Page
        do {
            page = try await database.query(statement, into: AggregateReader(plan))
        } catch let error as StorageError where error.code == .numericOverflow {
            throw AggregateReader.outOfRange(nil)
        }
        var body = page.bytes
        body.write("],\"meta\":{\"limit\":")
        body.write(integer: Int64(plan.limit))
        body.write(",\"hasMore\":")
        body.write(page.hasMore ? "true" : "false")
        if let number = request.page {
            body.write(",\"page\":")
            body.write(integer: Int64(number))
        }
        body.write("}}")
        return RecordPage(body: ByteBuffer(bytes: body), next: page.hasMore ? .page((request.page ?? 1) + 1) : nil)
    }
}
