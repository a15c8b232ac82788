package import NIOCore
import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Tracing

/// A page of records as bytes, and where the next one is.
package struct RecordPage: Sendable {
    /// `{"data":[…],"meta":{…}}`
    package var body: ByteBuffer
    package var next: Next?
    /// How it was come by; nil for what is never kept.
    package var cache: CacheReport?

    package enum Next: Sendable, Equatable {
        case cursor(String)
        case page(Int)
    }
}

extension RecordCollection {
    /// A page of the records that the caller sees.
    ///
    /// - Parameter items: the query's parameters, decoded.
    package func list(query items: [(name: String, value: String)], as caller: Caller = .anonymous) async throws -> RecordPage {
        let access = access(of: caller)
        try requireRead(access)
        let request = try ListRequestParser.parse(items, at: position, model: access.model, api: schema.api)
        try require(request.deleted, access)
        guard keepsAnswers else { return try await page(request, access) }
        var footprint = CacheFootprint(access.model)
        footprint.add(request)
        return try await kept("list", items, access, footprint) { [self] in
            let page = try await page(request, access)
            return CachedAnswer(body: page.body, next: page.next)
        }
    }

    private func page(_ request: ListRequest, _ access: CallerAccess) async throws -> RecordPage {
        let span = planSpan()
        defer { span?.end() }
        let plan = ListPlan(request, model: access.model, rule: rule(for: request.deleted), start: try start(of: request, access))
        let reader = PageReader(
            RecordEncoder(plan.layout, schema.entities), limit: plan.limit, positionColumns: plan.layout.furtherColumns,
            lists: plan.layout.children.count, opening: "{\"data\":[")
        let statement = cache.statement(entity: entity.name, plan.shape) { plan.sql(dialect) }
        span?.end()
        guard plan.count != .none || !plan.layout.children.isEmpty else {
            let page = try await database.query(statement, into: reader)
            return finished(page.records.bytes, page, plan: plan, request: request, total: nil, truncated: [], access)
        }
        // One snapshot, so that the total and the lists belong to the page. SQLite's estimate is the exact number.
        let counting = plan.count == .none ? nil : cache.statement(entity: entity.name, plan.countShape) { plan.countSQL(dialect) }
        return try await database.transaction(.read) { [self] transaction in
            var total: Int?
            if let counting, case .integer(let number)? = try await transaction.query(counting, into: FirstRow())?.first {
                total = Int(number)
            }
            var page = try await transaction.query(statement, into: reader)
            var loader = IncludeLoader(schema.entities, dialect: dialect, cache: cache, transaction: transaction)
            try await loader.load(plan.layout, into: &page.records)
            return finished(
                page.records.whole, page, plan: plan, request: request, total: total, truncated: loader.truncated, access)
        }
    }

    func start(of request: ListRequest, _ access: CallerAccess) throws -> ListPlan.Start {
        switch request.position {
        case .start: return .first
        case .page(let number): return .offset((number - 1) * request.limit)
        case .cursor(let text):
            let sort = SortKey.total(request.sort, over: entity.key)
            guard let bytes = cursors.open(text, binding: cursorBinding(request, access)),
                let values = CursorPosition.decode(bytes, count: sort.count)
            else {
                throw QueryProblems([
                    QueryProblem(
                        .invalidCursor, parameter: "cursor",
                        "is not a cursor of this query; take nextCursor from an answer and send the same filter, search and sort")
                ])
            }
            return .after(values)
        }
    }

    /// What a cursor belongs to: the entity, the caller's roles and scopes, and everything that decides which records come in which order.
    func cursorBinding(_ request: ListRequest, _ access: CallerAccess) -> [UInt8] {
        let roles = access.caller.isAdministrator ? [RoleAccess.admin] : access.caller.roles.sorted()
        var binding = Array("\(entity.name)\0\(roles.joined(separator: ","))\0\(access.caller.user == nil ? "" : "user")\0".utf8)
        if let scopes = access.caller.scopes { binding += Array("\(scopes.map(\.text).sorted().joined(separator: ","))\0".utf8) }
        for key in SortKey.total(request.sort, over: entity.key) {
            let names = key.path.steps.map { String($0.relation) } + [String(key.path.field)]
            binding += Array(((key.isDescending ? "-" : "+") + names.joined(separator: ".") + ",").utf8)
        }
        binding += Array("\(request.deleted.rawValue)\0".utf8)
        var own = request
        own.projection = Projection(entity: position, fields: [])
        // Without access: what a rule compares with belongs to the caller and not to the query.
        let shape = ListPlan(own, model: administrator.model, start: .first).countShape
        return binding + [0] + shape.bytes + CursorPosition.encode(shape.parameters)
    }

    private func finished(
        _ records: consuming [UInt8], _ page: PageReader.Page, plan: ListPlan, request: ListRequest, total: Int?, truncated: [String],
        _ access: CallerAccess
    ) -> RecordPage {
        var body = records
        body.write("]")
        body.write(",\"meta\":{\"limit\":")
        body.write(integer: Int64(plan.limit))
        body.write(",\"hasMore\":")
        body.write(page.hasMore ? "true" : "false")
        body.write(",\"nextCursor\":")
        var next: RecordPage.Next?
        if let position = page.lastPosition.map(CursorPosition.encode), !plan.isByRelevance,
            position.count <= CursorCipher.maximumPositionBytes
        {
            let cursor = cursors.seal(position, binding: cursorBinding(request, access))
            body.writeQuoted(cursor)
            next = .cursor(cursor)
        } else {
            body.write("null")
        }
        if case .page(let number) = request.position {
            body.write(",\"page\":")
            body.write(integer: Int64(number))
            next = page.hasMore ? .page(number + 1) : nil
        }
        if let total {
            body.write(",\"total\":")
            body.write(integer: Int64(total))
            if case .page = request.position {
                body.write(",\"totalPages\":")
                body.write(integer: Int64((total + plan.limit - 1) / plan.limit))
            }
        }
        if !truncated.isEmpty {
            body.write(",")
            Self.write(truncated: truncated, into: &body)
        }
        body.write("}}")
        return RecordPage(body: ByteBuffer(bytes: body), next: next)
    }
}
