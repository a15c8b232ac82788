package import SeaworthySchema

/// Reads the query parameters of a list into a ``ListRequest``. All problems are collected.
package struct ListRequestParser {
    /// The most fields to sort by.
    package static let maximumSortKeys = 8
    /// The most terms in a search.
    package static let maximumSearchTerms = 16
    /// The last page that may be asked for.
    package static let maximumPage = 1_000_000

    static let parameters = [
        "filter", "search", "sort", "select", "include", "limit", "cursor", "page", "count", "deleted", "dateFrom", "dateTo",
    ]

    private let model: ReadableModel
    private let position: Int
    private let api: Schema.API
    private var problems: [QueryProblem] = []

    private var entity: Entity { model.entities[position] }

    private init(_ position: Int, model: ReadableModel, api: Schema.API) {
        self.position = position
        self.model = model
        self.api = api
    }

    /// - Parameter position: the entity's in the model.
    package static func parse(
        _ items: [(name: String, value: String)], at position: Int, model: ReadableModel, api: Schema.API
    ) throws(QueryProblems) -> ListRequest {
        var parser = ListRequestParser(position, model: model, api: api)
        let request = parser.request(items)
        guard parser.problems.isEmpty else { throw QueryProblems(parser.problems) }
        return request
    }

    /// The parameters of a single record's route: `select`, `include` and `deleted`.
    package static func parseRecord(
        _ items: [(name: String, value: String)], at position: Int, model: ReadableModel
    ) throws(QueryProblems) -> (projection: Projection, deleted: ListRequest.Deleted) {
        var parser = ListRequestParser(position, model: model, api: Schema.API())
        let (single, _) = parser.sorted(items, known: ["select", "include", "deleted"], allowsFilter: false)
        let result = (parser.projection(single), parser.deleted(single["deleted"]))
        guard parser.problems.isEmpty else { throw QueryProblems(parser.problems) }
        return result
    }

    private mutating func deleted(_ text: String?) -> ListRequest.Deleted {
        guard let text else { return .exclude }
        guard entity.hasSoftDelete else {
            problems.append(
                QueryProblem(
                    .invalidParameter, parameter: "deleted", "is for entities whose deleted records stay, and \(entity.name) is none"))
            return .exclude
        }
        guard let deleted = ListRequest.Deleted(rawValue: text) else {
            problems.append(QueryProblem(.invalidParameter, parameter: "deleted", "is none of exclude, include, only"))
            return .exclude
        }
        return deleted
    }

    /// The conditions of `dateFrom` ≤ createdAt < `dateTo`.
    private mutating func period(_ single: [String: String]) -> [Filter] {
        var conditions: [Filter] = []
        for (name, comparison) in [("dateFrom", Filter.Comparison.gte), ("dateTo", .lt)] {
            guard let text = single[name] else { continue }
            guard let field = entity.index(of: .createdAt), model.isVisible(position, field) else {
                problems.append(
                    QueryProblem(.invalidParameter, parameter: name, "is for entities with timestamps, and \(entity.name) has none"))
                continue
            }
            do throws(ValueProblem) {
                // A date alone is its beginning in UTC.
                let moment = text.utf8.count == 10 ? text + "T00:00:00Z" : text
                conditions.append(
                    .compare(field: FieldPath(field), comparison, .value(try FieldType.timestamp.value(from: .string(moment)))))
            } catch {
                problems.append(QueryProblem(.invalidParameter, parameter: name, "is neither a date nor a timestamp: \(error.detail)"))
            }
        }
        return conditions
    }

    private mutating func projection(_ single: [String: String]) -> Projection {
        var parser = ProjectionParser(position, model: model)
        let projection = parser.projection(select: single["select"], include: single["include"])
        problems += parser.problems
        return projection
    }

    private mutating func request(_ items: [(name: String, value: String)]) -> ListRequest {
        let (single, brackets) = sorted(items, known: Self.parameters, allowsFilter: true)
        var filter = filter(single["filter"], brackets)
        let period = period(single)
        if !period.isEmpty { filter = .all([filter] + period) }
        let search = searchTerms(single["search"])
        let sort = sort(single["sort"])
        var position = ListRequest.Position.start
        if let text = single["page"], let page = integer(text, "page", in: 1...Self.maximumPage) { position = .page(page) }
        if let cursor = single["cursor"] {
            if single["page"] != nil {
                problems.append(QueryProblem(.conflictingParameters, parameter: "cursor", "cannot stand beside page"))
            } else if !search.isEmpty, single["sort"] == nil {
                problems.append(
                    QueryProblem(
                        .conflictingParameters, parameter: "cursor", "a search by relevance is paged by page; add sort to use a cursor"))
            } else {
                position = .cursor(cursor)
            }
        }
        let isByRelevance = !search.isEmpty && sort.isEmpty
        if isByRelevance, position == .start { position = .page(1) }
        var count = position.isPage ? ListRequest.Count.exact : .none
        if let text = single["count"] {
            if let named = ListRequest.Count(rawValue: text) {
                count = named
            } else {
                problems.append(QueryProblem(.invalidParameter, parameter: "count", "is none of none, exact, estimated"))
            }
        }
        return ListRequest(
            filter: filter, searchTerms: search, sort: sort, projection: projection(single),
            limit: single["limit"].flatMap { integer($0, "limit", in: 1...api.maxPageSize) } ?? api.pageSize, position: position,
            count: count, deleted: deleted(single["deleted"]))
    }

    /// The parameters by name, each once, and those of the bracket form apart.
    private mutating func sorted(
        _ items: [(name: String, value: String)], known: [String], allowsFilter: Bool
    ) -> (single: [String: String], brackets: [FilterParser.BracketItem]) {
        var single: [String: String] = [:]
        var brackets: [FilterParser.BracketItem] = []
        for (name, value) in items {
            if allowsFilter, name.hasPrefix("filter["), let item = Self.bracketItem(name, value) {
                brackets.append(item)
            } else if known.contains(where: name.hasSameBytes) {
                if single.updateValue(value, forKey: name) != nil {
                    problems.append(QueryProblem(.duplicateParameter, parameter: name, "stands twice"))
                }
            } else if problems.count < FilterProblem.maximumCount {
                problems.append(.unknown(parameter: name, known: known))
            }
        }
        return (single, brackets)
    }

    /// `filter[Field]` or `filter[Field][operator]`; nil for any other shape.
    static func bracketItem(_ name: String, _ value: String, of parameter: String = "filter") -> FilterParser.BracketItem? {
        let rest = name.dropFirst(parameter.count + 1)
        guard rest.last == "]" else { return nil }
        let parts = rest.dropLast().split(separator: "][", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && !$0.contains("[") && !$0.contains("]") }) else { return nil }
        return FilterParser.BracketItem(field: parts[0], operatorName: parts.count == 2 ? parts[1] : nil, text: value, parameter: name)
    }

    private mutating func filter(_ text: String?, _ brackets: [FilterParser.BracketItem]) -> Filter {
        var parser = FilterParser(at: position, in: model.entities, author: .client, isVisible: model.isVisible)
        let (filter, found) = parser.parse(text, brackets, of: "filter")
        problems += found
        return filter
    }

    private mutating func searchTerms(_ text: String?) -> [String] {
        guard let text else { return [] }
        guard entity.fields.indices.contains(where: { entity.fields[$0].searchWeight != nil && model.isVisible(position, $0) }) else {
            problems.append(QueryProblem(.notSearchable, parameter: "search", "\(entity.name) has no field that is searched"))
            return []
        }
        guard !text.utf8.contains(0) else {
            problems.append(QueryProblem(.invalidParameter, parameter: "search", "contains the character U+0000"))
            return []
        }
        let terms = text.unicodeScalars.split(whereSeparator: \.properties.isWhitespace).map { String($0).uppercased() }
        if terms.count > Self.maximumSearchTerms {
            problems.append(QueryProblem(.invalidParameter, parameter: "search", "has more than \(Self.maximumSearchTerms) terms"))
        }
        return terms
    }

    private mutating func sort(_ text: String?) -> [SortKey] {
        guard let text else { return [] }
        var names = PathNames(position, model: model, parameter: "sort")
        let keys = names.sortKeys(text.split(separator: ",", omittingEmptySubsequences: false))
        problems += names.problems
        return keys
    }

    private mutating func integer(_ text: String, _ parameter: String, in range: ClosedRange<Int>) -> Int? {
        guard let number = WholeNumber.parse(text), range.contains(number) else {
            problems.append(
                QueryProblem(
                    .invalidParameter, parameter: parameter, "is not a whole number between \(range.lowerBound) and \(range.upperBound)"))
            return nil
        }
        return number
    }
}

extension ListRequest.Position {
    fileprivate var isPage: Bool {
        if case .page = self { true } else { false }
    }
}
