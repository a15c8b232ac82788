package import NIOCore
import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// A page of records as bytes, and where the next one is.
package struct RecordPage: Sendable {
    /// `{"data":[…],"meta":{…}}`
    package var body: ByteBuffer
    package var next: Next?

    package enum Next: Sendable, Equatable {
        case cursor(String)
        case page(Int)
    }
}

extension RecordCollection {
    /// A page of the records that the caller sees.
    ///
    /// - Parameter items: the query's parameters, decoded.
    package func list(query items: [(name: String, value: String)]) async throws -> RecordPage {
        try requireRead()
        let request = try ListRequestParser.parse(items, entity: entity, api: api, isVisible: isVisible)
        let binding = cursorBinding(request)
        let plan = ListPlan(
            request, entity: entity, access: access.read.restriction, isVisible: isVisible, start: try start(of: request, binding: binding))
        let columns = plan.columns
        let positions = plan.isByRelevance ? [] : plan.sort.compactMap { key in columns.firstIndex(of: key.field) }
        let reader = PageReader(RecordEncoder(entity, fields: plan.select), limit: plan.limit, positionColumns: positions)
        let statement = cache.statement(entity: entity.name, plan.shape) { plan.sql(dialect) }
        var total: Int?
        let page: PageReader.Page
        if plan.count == .none {
            page = try await database.query(statement, into: reader)
        } else {
            // One snapshot, so that the total belongs to the page. SQLite's estimate is the exact number.
            let counting = cache.statement(entity: entity.name, plan.countShape) { plan.countSQL(dialect) }
            let (rows, count) = try await database.transaction(.read) { transaction in
                let count = try await transaction.query(counting, into: FirstRow())
                return (try await transaction.query(statement, into: reader), count)
            }
            page = rows
            if case .integer(let number)? = count?.first { total = Int(number) }
        }
        return finished(page, plan: plan, request: request, total: total, binding: binding)
    }

    private func start(of request: ListRequest, binding: [UInt8]) throws -> ListPlan.Start {
        switch request.position {
        case .start: return .first
        case .page(let number): return .offset((number - 1) * request.limit)
        case .cursor(let text):
            let sort = ListPlan.total(request.sort, over: entity.key)
            guard let bytes = cursors.open(text, binding: binding), let values = CursorPosition.decode(bytes, count: sort.count) else {
                throw QueryProblems([
                    QueryProblem(
                        .invalidCursor, parameter: "cursor",
                        "is not a cursor of this query; take nextCursor from an answer and send the same filter, search and sort")
                ])
            }
            return .after(values)
        }
    }

    /// What a cursor belongs to: the entity, the caller's roles, and everything that decides which records come in which order.
    private func cursorBinding(_ request: ListRequest) -> [UInt8] {
        let plan = ListPlan(request, entity: entity, access: nil, isVisible: isVisible, start: .first)
        let shape = plan.countShape
        var binding = Array("\(entity.name)\0\(RoleAccess.anyone)\0".utf8)
        for key in plan.sort { binding += Array(((key.isDescending ? "-" : "+") + entity.fields[key.field].name).utf8) }
        return binding + [0] + shape.bytes + CursorPosition.encode(shape.parameters)
    }

    private func finished(
        _ page: PageReader.Page, plan: ListPlan, request: ListRequest, total: Int?, binding: [UInt8]
    ) -> RecordPage {
        var body = page.body
        body.write(",\"meta\":{\"limit\":")
        body.write(integer: Int64(plan.limit))
        body.write(",\"hasMore\":")
        body.write(page.hasMore ? "true" : "false")
        body.write(",\"nextCursor\":")
        var next: RecordPage.Next?
        if let position = page.lastPosition.map(CursorPosition.encode), !plan.isByRelevance,
            position.count <= CursorCipher.maximumPositionBytes
        {
            let cursor = cursors.seal(position, binding: binding)
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
        body.write("}}")
        return RecordPage(body: body, next: next)
    }
}
