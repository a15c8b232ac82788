package import SeaworthySchema

/// What a list will read: the request, narrowed to what the caller may see, with a total order.
package struct ListPlan: Sendable {
    package var entity: Entity
    /// The access rule and the request's filter together.
    package var filter: Filter
    package var searchTerms: [String]
    /// The fields that `search` looks at, of those that the caller sees.
    package var searchFields: [Int]
    /// The order. Total: it ends with the key wherever it does not hold all of it already. A search by relevance has the score before it.
    package var sort: [SortKey]
    package var isByRelevance: Bool
    package var select: [Int]
    package var limit: Int
    /// Where the page begins.
    package var start: Start
    package var count: ListRequest.Count

    package enum Start: Sendable, Equatable {
        case first
        /// Behind the row that has these values of ``ListPlan/sort``.
        case after([Value])
        /// That many rows are passed over.
        case offset(Int)
    }

    /// - Parameter access: the rule under which the caller reads; nil when there is no restriction.
    package init(_ request: ListRequest, entity: Entity, access: Filter?, isVisible: (Int) -> Bool, start: Start) {
        self.entity = entity
        filter = access.map { .all([$0, request.filter]) } ?? request.filter
        searchTerms = request.searchTerms
        searchFields = searchTerms.isEmpty ? [] : entity.fields.indices.filter { entity.fields[$0].searchWeight != nil && isVisible($0) }
        sort = Self.total(request.sort, over: entity.key)
        isByRelevance = request.isByRelevance
        select = request.select
        limit = request.limit
        self.start = start
        count = request.count
    }

    /// The order completed by the key, so that no two records are equal in it. What follows a complete key decides nothing and is left out.
    package static func total(_ sort: [SortKey], over key: [Int]) -> [SortKey] {
        var result: [SortKey] = []
        for item in sort {
            result.append(item)
            if key.allSatisfy({ part in result.contains { $0.field == part } }) { return result }
        }
        return result + key.filter { part in !result.contains { $0.field == part } }.map { SortKey(field: $0, isDescending: false) }
    }

    /// The columns of the result: what is selected, then what the next cursor needs besides.
    package var columns: [Int] {
        isByRelevance ? select : select + sort.map(\.field).filter { !select.contains($0) }
    }
}
