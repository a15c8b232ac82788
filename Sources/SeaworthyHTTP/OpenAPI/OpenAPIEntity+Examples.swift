import SeaworthyData
import SeaworthySchema

extension OpenAPIEntity {
    /// The entity's examples by their names among the components: what the server answers to whoever sends the requests to an empty
    /// database, record by record in the order of their references.
    var examples: [JSONObject.Member] {
        guard let sample, isAdmitted(sample, .read), fields.allSatisfy(isSentToAll) else { return [] }
        var examples: [JSONObject.Member] = []
        func add(_ kind: String, _ value: JSONValue) {
            examples.append(.init(name: component(kind), value: ["value": value]))
        }
        let record = JSONValue.object(JSONObject(fields.map { member($0, sample) }))
        add("record", ["data": record])
        if records.isOffered(.read) {
            add(
                "page",
                [
                    "data": [record],
                    "meta": ["limit": .number(String(api.pageSize)), "hasMore": false, "nextCursor": nil],
                ])
            add("query", ["filter": [:], "limit": .number(String(api.pageSize))])
        }
        if isAdmitted(sample, .create) {
            let given = fields.filter { !sample[$0].isNull && !entity.fields[$0].isGenerated && isSettable($0, by: [.create]) }
            add("input", .object(JSONObject(given.map { member($0, sample) })))
        }
        if isAdmitted(sample, .update), let change = change(of: sample) { add("patch", change) }
        return examples
    }

    /// Whether everyone may do this to the record, as far as the record alone tells.
    private func isAdmitted(_ record: [Value], _ operation: Operation) -> Bool {
        guard records.isOffered(operation) else { return false }
        switch entity.access.role(named: RoleAccess.anyone)?.rule(operation) {
        case .always: return true
        case .when(let filter): return filter.isOwn && filter.userAttributes.isEmpty && filter.evaluate(record) == true
        case .never, nil: return false
        }
    }

    private func member(_ field: Int, _ record: [Value]) -> JSONObject.Member {
        .init(name: entity.fields[field].name, value: entity.fields[field].type.json(record[field]))
    }

    /// A patch of one field, that can be sent to the sample again and again.
    private func change(of sample: [Value]) -> JSONValue? {
        let references = Set(entity.references.flatMap(\.fields))
        let candidates = fields.filter {
            !sample[$0].isNull && !entity.key.contains($0) && !references.contains($0) && isSettable($0, by: [.update])
        }
        guard let field = candidates.first else { return nil }
        return .object(JSONObject([member(field, sample)]))
    }
}
