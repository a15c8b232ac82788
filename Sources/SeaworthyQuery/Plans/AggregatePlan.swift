package import SeaworthySchema

/// What an aggregate will read: the request, narrowed to what the caller may see, with a total order.
package struct AggregatePlan: Sendable {
    /// Which records: as a list would give them. Its order and page do not matter.
    let records: ListPlan
    let model: ReadableModel
    /// The paths have access applied to the records on the way.
    package let groups: [AggregateRequest.Group]
    package let measures: [AggregateRequest.Measure]
    let having: Filter
    /// Of the fields of ``row``. Total: no two rows have the same groups.
    let sort: [SortKey]
    package let limit: Int
    let page: Int?
    /// The rows as records of an entity: a field for each group, then one for each measure.
    package let row: Entity

    /// - Parameter rule: what holds of every record besides; nil for nothing.
    package init(_ request: AggregateRequest, model: ReadableModel, rule: Filter? = nil) {
        self.model = model
        let position = request.records.projection.entity
        let (entity, access) = (model.entities[position], model.access[position])
        var used: Set<Int> = []
        for path in request.groups.map(\.path) + request.measures.compactMap(\.path) {
            // What begins a way to other records is looked at too.
            used.formUnion(Filter.isNull(field: path, true).fields(of: entity))
        }
        records = ListPlan(
            request.records, model: model, rule: Filter.both(rule, used.isEmpty ? nil : access.restriction(seeing: used.sorted())),
            start: .first)
        groups = request.groups.map { group in
            var bound = group
            bound.path = model.path(group.path, from: position)
            return bound
        }
        measures = request.measures.map { measure in
            var bound = measure
            bound.path = measure.path.map { model.path($0, from: position) }
            return bound
        }
        having = request.having
        let missing = request.groups.indices.filter { group in !request.sort.contains { $0.path.field == group } }
        sort = request.sort + missing.map { SortKey(FieldPath($0), isDescending: false) }
        limit = request.records.limit
        page = request.page
        row = request.row
    }
}
