import SeaworthySchema

extension FilterParser {
    /// Reads a filter that a request gives as JSON, in brackets, or both.
    ///
    /// - Parameter parameter: the name under which its problems are told.
    mutating func parse(
        _ text: String?, _ brackets: [BracketItem], of parameter: String
    ) -> (filter: Filter, problems: [QueryProblem]) {
        var parts: [Filter] = []
        var found: [QueryProblem] = []
        if let text {
            do {
                parts.append(parse(try JSONParser.parse(text)))
                found += problems.map { QueryProblem($0, parameter: parameter) }
            } catch {
                found.append(QueryProblem(.invalidParameter, parameter: parameter, "is not JSON: \(error)"))
            }
        }
        if !brackets.isEmpty {
            let known = problems.count
            parts.append(parse(brackets))
            found += problems.dropFirst(known).map {
                QueryProblem($0, parameter: $0.pointer.isEmpty ? parameter : $0.pointer.excerpt)
            }
        }
        return (parts.count == 1 ? parts[0] : .all(parts), found)
    }
}
