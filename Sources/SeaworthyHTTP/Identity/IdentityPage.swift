import SeaworthyData
import SeaworthySchema

/// Which page of a list about identities is asked for: `limit` and `cursor`.
struct IdentityPage {
    static let standard = 25
    static let largest = 200
    static let invalidCursor = Problem.badParameter(
        "cursor", code: ProblemCode("invalid_cursor"), detail: "The cursor is none of this list's.")

    private(set) var limit = Self.standard
    /// What the page before ended with.
    private(set) var last: String?
    /// The filters that are given, by their names.
    private(set) var filters: [String: String] = [:]

    /// - Parameter filters: the names of further parameters.
    init(_ exchange: HTTPExchange, filters: Set<String> = []) throws(Problem) {
        var seen: Set<String> = []
        for item in try exchange.queryItems() {
            guard item.name == "limit" || item.name == "cursor" || filters.contains(item.name) else { throw .unknownParameter(item.name) }
            guard seen.insert(item.name).inserted else {
                throw .badParameter(
                    item.name, code: ProblemCode("invalid_parameter"), detail: "The parameter \"\(item.name)\" stands twice.")
            }
            if filters.contains(item.name) {
                self.filters[item.name] = item.value
            } else if item.name == "cursor" {
                guard let last = IdentityCursor.last(in: item.value) else { throw Self.invalidCursor }
                self.last = last
            } else {
                guard let limit = Int(item.value), (1...Self.largest).contains(limit), String(limit) == item.value else {
                    throw .badParameter(
                        "limit", code: ProblemCode("invalid_parameter"),
                        detail: "The parameter \"limit\" is a whole number from 1 to \(Self.largest).")
                }
                self.limit = limit
            }
        }
    }

    /// The answer, of one element more than ``limit`` where there is a next page.
    func answer<Element>(_ elements: [Element], id: (Element) -> String, _ json: (Element) -> JSONValue) -> JSONValue {
        let page = elements.prefix(limit)
        let hasMore = elements.count > limit
        return [
            "data": .array(page.map(json)),
            "meta": [
                "limit": .number(String(limit)), "hasMore": .bool(hasMore),
                "nextCursor": hasMore ? page.last.map { .string(IdentityCursor.text(id($0))) } ?? .null : .null,
            ],
        ]
    }
}
