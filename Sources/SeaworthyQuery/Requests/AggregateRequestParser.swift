import SeaworthySQL
package import SeaworthySchema

/// Reads the query parameters of an aggregate into an ``AggregateRequest``. All problems are collected.
package struct AggregateRequestParser {
    /// The parameters that say which records and how many rows; they mean what they mean for a list.
    static let listParameters = ["filter", "search", "limit", "page", "deleted", "dateFrom", "dateTo"]
    static let parameters = ["groupBy", "measures", "having", "sort"] + listParameters

    private let model: ReadableModel
    private let position: Int
    private var problems: [QueryProblem] = []

    private init(_ position: Int, model: ReadableModel) {
        self.position = position
        self.model = model
    }

    /// - Parameter position: the entity's in the model.
    package static func parse(
        _ items: [(name: String, value: String)], at position: Int, model: ReadableModel, api: Schema.API
    ) throws(QueryProblems) -> AggregateRequest {
        var parser = AggregateRequestParser(position, model: model)
        let request = parser.request(items, api)
        guard let request, parser.problems.isEmpty else { throw QueryProblems(parser.problems) }
        return request
    }

    private mutating func request(_ items: [(name: String, value: String)], _ api: Schema.API) -> AggregateRequest? {
        var own: [String: String] = [:]
        var brackets: [FilterParser.BracketItem] = []
        var rest: [(name: String, value: String)] = []
        for item in items {
            if item.name.hasPrefix("having["), let bracket = ListRequestParser.bracketItem(item.name, item.value, of: "having") {
                brackets.append(bracket)
            } else if item.name.hasPrefix("filter[") || Self.listParameters.contains(where: item.name.hasSameBytes) {
                rest.append(item)
            } else if Self.parameters.contains(where: item.name.hasSameBytes) {
                if own[item.name] == nil {
                    own[item.name] = item.value
                } else {
                    problems.append(QueryProblem(.duplicateParameter, parameter: item.name, "stands twice"))
                }
            } else {
                reportUnknown(item.name)
            }
        }
        let groups = groups(own["groupBy"])
        let measures = measures(own["measures"])
        for measure in measures where groups.contains(where: { $0.name.hasSameBytes(as: measure.name) }) {
            refuse("measures", "«\(measure.name.excerpt)» is a group as well, and a row has one member of a name")
        }
        let row = AggregateRequest.row(groups, measures)
        var (having, sort) = (Filter.all([]), [SortKey]())
        // Of what could not be read of these two, a condition or a sort would be refused once more.
        if problems.isEmpty {
            having = self.having(own["having"], brackets, row)
            sort = self.sort(own["sort"], row)
        }
        do throws(QueryProblems) {
            var records = try ListRequestParser.parse(rest, at: position, model: model, api: api)
            records.projection = Projection(entity: position, fields: [])
            var page: Int?
            if case .page(let number) = records.position, rest.contains(where: { $0.name == "page" }) { page = number }
            return AggregateRequest(records: records, groups: groups, measures: measures, having: having, sort: sort, page: page)
        } catch {
            problems += error.problems
            return nil
        }
    }

    private mutating func reportUnknown(_ name: String) {
        guard problems.count < FilterProblem.maximumCount else { return }
        problems.append(.unknown(parameter: name, known: Self.parameters))
    }

    private mutating func refuse(_ parameter: String, _ detail: String) {
        problems.append(QueryProblem(.invalidParameter, parameter: parameter, detail))
    }

    // MARK: Groups and measures

    private mutating func groups(_ text: String?) -> [AggregateRequest.Group] {
        var groups: [AggregateRequest.Group] = []
        for name in names(text, "groupBy", most: AggregateRequest.maximumGroups) {
            let (function, argument) = Self.call(name)
            var part: DatePart?
            if let function {
                guard let named = DatePart(rawValue: function) else {
                    let known = DatePart.allCases.map(\.rawValue).joined(separator: ", ")
                    refuse("groupBy", "«\(function.excerpt)» is none of \(known)")
                    continue
                }
                part = named
            }
            guard let (path, field) = field(argument, "groupBy") else { continue }
            guard let type = part.map({ $0.type(of: field.type) }) ?? (field.type.isOrdered ? field.type : nil) else {
                refuse("groupBy", "\(field.name) is \(field.type.name), which \(part.map { "has no \($0.rawValue)" } ?? "has no order")")
                continue
            }
            groups.append(AggregateRequest.Group(name: String(name), path: path, part: part, type: type))
        }
        return groups
    }

    private mutating func measures(_ text: String?) -> [AggregateRequest.Measure] {
        var measures: [AggregateRequest.Measure] = []
        for name in names(text ?? AggregateRequest.Function.count.rawValue, "measures", most: AggregateRequest.maximumMeasures) {
            if name == AggregateRequest.Function.count.rawValue {
                measures.append(AggregateRequest.Measure(name: String(name), function: .count, path: nil, type: .integer))
                continue
            }
            let (named, argument) = Self.call(name)
            guard let named, let function = AggregateRequest.Function(rawValue: named) else {
                let known = AggregateRequest.Function.allCases.map { "\($0.rawValue)(Field)" }.joined(separator: ", ")
                refuse("measures", "«\(String(name).excerpt)» is no measure; known are count, \(known)")
                continue
            }
            guard let (path, field) = field(argument, "measures") else { continue }
            guard let type = function.type(of: field.type) else {
                refuse("measures", "\(field.name) is \(field.type.name), which has no \(function.rawValue)")
                continue
            }
            measures.append(AggregateRequest.Measure(name: String(name), function: function, path: path, type: type))
        }
        return measures
    }

    /// The names of a list, each once.
    private mutating func names(_ text: String?, _ parameter: String, most: Int) -> [Substring] {
        guard let text else { return [] }
        let names = text.split(separator: ",", omittingEmptySubsequences: false)
        guard names.count <= most else {
            refuse(parameter, "names more than \(most)")
            return []
        }
        var known: [Substring] = []
        for name in names {
            if known.contains(where: { String($0).hasSameBytes(as: String(name)) }) {
                refuse(parameter, "names «\(String(name).excerpt)» twice")
            } else {
                known.append(name)
            }
        }
        return known
    }

    /// The function and its argument of `sum(Freight)`; no function where there are no parentheses.
    private static func call(_ name: Substring) -> (function: String?, argument: Substring) {
        guard name.last == ")", let open = name.firstIndex(of: "(") else { return (nil, name) }
        return (String(name[..<open]), name[name.index(after: open)...].dropLast())
    }

    private mutating func field(_ name: Substring, _ parameter: String) -> (path: FieldPath, field: Field)? {
        var names = PathNames(position, model: model, parameter: parameter)
        let path = names.path(name)
        problems += names.problems
        return path.map { ($0, model.entities[model.end(of: $0.steps, from: position)].fields[$0.field]) }
    }

    // MARK: Rows

    private mutating func having(_ text: String?, _ brackets: [FilterParser.BracketItem], _ row: Entity) -> Filter {
        var parser = FilterParser(entity: row, author: .client)
        parser.takesNamesWhole = true
        let (filter, found) = parser.parse(text, brackets, of: "having")
        problems += found
        return filter
    }

    private mutating func sort(_ text: String?, _ row: Entity) -> [SortKey] {
        guard let text else { return [] }
        let names = text.split(separator: ",", omittingEmptySubsequences: false)
        // A row has no more members than these, and none is sorted by twice.
        let most = AggregateRequest.maximumGroups + AggregateRequest.maximumMeasures
        guard names.count <= most else {
            refuse("sort", "names more than \(most)")
            return []
        }
        var keys: [SortKey] = []
        for name in names {
            let isDescending = name.first == "-"
            let bare = String(isDescending ? name.dropFirst() : name)
            guard let index = row.fieldIndex(named: bare) else {
                let hint = row.fields.map(\.name).nearest(to: bare).map { "; did you mean «\($0)»?" } ?? ""
                problems.append(
                    QueryProblem(.unknownField, parameter: "sort", "«\(bare.excerpt)» is no group or measure of this aggregate\(hint)"))
                continue
            }
            if keys.contains(where: { $0.path.field == index }) {
                refuse("sort", "names «\(bare.excerpt)» twice")
            } else {
                keys.append(SortKey(FieldPath(index), isDescending: isDescending))
            }
        }
        return keys
    }
}
