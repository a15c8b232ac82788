package import SeaworthySchema

/// What a list will read: the request, narrowed to what the caller may see, with a total order.
package struct ListPlan: Sendable {
    /// A field that `search` looks at.
    struct SearchField: Sendable {
        var field: Int
        var weight: Int
        /// The records of which the caller sees the field; nil for all that are there.
        var seen: Filter?
    }

    package let model: ReadableModel
    /// The entity's position in the model.
    package let position: Int
    /// The access rule and the request's filter together.
    package let filter: Filter
    package let searchTerms: [String]
    let searchFields: [SearchField]
    /// The order. Total: it ends with the key wherever it does not hold all of it already. A search by relevance has the score before it.
    package let sort: [SortKey]
    package let isByRelevance: Bool
    package let layout: RecordLayout
    package let limit: Int
    /// Where the page begins.
    package let start: Start
    package let count: ListRequest.Count

    package enum Start: Sendable, Equatable {
        case first
        /// Behind the row that has these values of ``ListPlan/sort``.
        case after([Value])
        /// That many rows are passed over.
        case offset(Int)
    }

    var entity: Entity { model.entities[position] }

    /// - Parameters:
    ///   - rule: what holds of every record besides; nil for nothing.
    ///   - layout: how the rows are laid out, where that is known already; nil makes it of the projection, with the fields of the sort behind
    ///     it, which a cursor needs.
    package init(_ request: ListRequest, model: ReadableModel, rule: Filter? = nil, start: Start, layout: RecordLayout? = nil) {
        self.model = model
        position = request.projection.entity
        let (entity, access) = (model.entities[position], model.access[position])
        let own = request.sort.compactMap { $0.path.isOwn ? $0.path.field : nil }
        let used = request.filter.fields(of: entity).union(own)
        let restriction = Filter.both(rule, access.restriction(seeing: used.sorted()))
        let bound = model.bound(request.filter, from: position)
        filter = restriction.map { bound == .all([]) ? $0 : .all([$0, bound]) } ?? bound
        searchTerms = request.searchTerms
        searchFields =
            searchTerms.isEmpty
            ? []
            : entity.fields.indices.compactMap { field in
                guard let weight = entity.fields[field].searchWeight, access.isVisible(field) else { return nil }
                return SearchField(field: field, weight: weight, seen: access.condition(seeing: [field]))
            }
        let position = position
        sort = SortKey.total(request.sort.map { $0.bound(model, from: position) }, over: entity.key)
        isByRelevance = request.isByRelevance
        self.layout = layout ?? RecordLayout(request.projection, model: model, further: isByRelevance ? [] : sort.map(\.path))
        limit = request.limit
        self.start = start
        count = request.count
    }
}
