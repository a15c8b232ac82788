import SeaworthyData
import SeaworthyQuery
import SeaworthySchema

extension OpenAPIEntity {
    /// The entity's own parameters by their names among the components.
    var parameters: [JSONObject.Member] {
        var parameters = [keyParameter]
        guard records.isOffered(.read) else { return parameters }
        let texts = [
            "select": "The fields to send, separated by commas, also through relations.",
            "include": "The relations whose records are sent along, separated by commas.",
            "sort": "Fields, separated by commas, also through relations to one; a minus descends.",
        ]
        parameters += aggregatePatterns
        for pattern in patterns {
            parameters.append(
                .init(
                    name: pattern.name,
                    value: [
                        "name": .string(pattern.parameter), "in": "query", "description": .string(texts[pattern.parameter] ?? ""),
                        "schema": .reference("schemas", pattern.name),
                    ]))
        }
        return parameters
    }

    private var keyParameter: JSONObject.Member {
        let names = entity.keyFields.map(\.name).joined(separator: ",")
        let isComposite = entity.key.count > 1
        let parts = entity.key.map { JSONValue.object(OpenAPIField(entity, $0).path) }
        let count = JSONValue.number(String(parts.count))
        let schema: JSONValue =
            isComposite ? ["type": "array", "prefixItems": .array(parts), "items": false, "minItems": count, "maxItems": count] : parts[0]
        return .init(
            name: component("key"),
            value: [
                "name": "key", "in": "path", "required": true, "style": "simple",
                "description": .string(
                    "The key: \(names)\(isComposite ? ", each part percent-encoded, with commas between" : ", percent-encoded")."),
                "schema": schema,
            ])
    }

    var isSearched: Bool { fields.contains { entity.fields[$0].searchWeight != nil } }

    /// Whether records tell when they were made.
    var isDated: Bool { entity.index(of: .createdAt).map(fields.contains) ?? false }

    var listParameters: [JSONValue] {
        var parameters: [JSONValue] = [.reference("parameters", "filter")]
        if isSearched { parameters.append(.reference("parameters", "search")) }
        if sortPattern != nil { parameters.append(own("sort")) }
        parameters += recordParameters
        parameters += ["limit", "cursor", "page", "count"].map { .reference("parameters", $0) }
        if isDated {
            parameters += ["dateFrom", "dateTo"].map { .reference("parameters", $0) }
        }
        return parameters
    }

    /// What every answer with records takes.
    var recordParameters: [JSONValue] {
        var parameters: [JSONValue] = []
        if !fields.isEmpty { parameters.append(own("select")) }
        if !relations.isEmpty { parameters.append(own("include")) }
        if entity.hasSoftDelete { parameters.append(.reference("parameters", "deleted")) }
        return parameters
    }

    func own(_ name: String) -> JSONValue { .reference("parameters", component(name)) }

    /// What names fields and relations, in an address and in the body of a query.
    var patterns: [(parameter: String, name: String, schema: JSONValue)] {
        var patterns: [(String, String?)] = [("sort", sortPattern)]
        if !fields.isEmpty { patterns.append(("select", selectPattern)) }
        if !relations.isEmpty { patterns.append(("include", includePattern)) }
        return patterns.compactMap { parameter, pattern in
            pattern.map { (parameter, component(parameter), ["type": "string", "pattern": .string($0)]) }
        }
    }

    // MARK: Patterns

    /// A name of another entity's. Which there are, its own schema says.
    private static let word = "[A-Za-z_][A-Za-z0-9_]*"

    private func choice(_ names: [String]) -> String { names.count == 1 ? names[0] : "(\(names.joined(separator: "|")))" }

    func names(_ isOrdered: Bool = false) -> [String] {
        fields.map { entity.fields[$0] }.filter { !isOrdered || $0.type.isOrdered }.map(\.name)
    }

    /// Own fields by their names; a name behind a relation by its form only.
    func path(_ own: [String], _ relations: [Relation]) -> String {
        guard !relations.isEmpty else { return choice(own) }
        return choice(own + ["\(choice(relations.map(\.name)))(\\.\(Self.word)){1,3}"])
    }

    private var sortPattern: String? {
        let own = names(true)
        guard !own.isEmpty else { return nil }
        let path = path(own, relations.filter { !$0.isToMany })
        return "^-?\(path)(,-?\(path)){0,\(ListRequestParser.maximumSortKeys - 1)}$"
    }

    private var selectPattern: String {
        let path = path(names(), relations)
        return "^\(path)(,\(path))*$"
    }

    private var includePattern: String {
        let key = "-?[A-Za-z0-9_.]+"
        let options = "(\\((limit:([1-9][0-9]?|100)|sort:\(key))(,sort:\(key))*\\))?"
        let toOne = relations.filter { !$0.isToMany }.map(\.name)
        let toMany = relations.filter(\.isToMany).map(\.name)
        let first = choice((toOne.isEmpty ? [] : [choice(toOne)]) + (toMany.isEmpty ? [] : [choice(toMany) + options]))
        let path = "\(first)(\\.\(Self.word)\(options)){0,2}"
        return "^\(path)(,\(path))*$"
    }
}
