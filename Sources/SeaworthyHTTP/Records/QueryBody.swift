import SeaworthyData
import SeaworthyQuery
import SeaworthySchema

/// The query of a list as a JSON body: the parameters of the address as members, with JSON's own types.
///
/// `{"filter":{"Freight":{"gt":"100"}},"sort":["-OrderDate"],"limit":10}`.
enum QueryBody {
    /// Members that may be lists of texts, which the address separates by commas.
    private static let lists: Set<String> = ["sort", "select", "include"]

    /// The members as the parameters that they stand for.
    static func items(of json: JSONValue) throws -> [(name: String, value: String)] {
        guard case .object(let object) = json else {
            throw Problem.badRequest(
                "The body is \(json.kind); expected an object.", code: ProblemCode("invalid_query"),
                errors: [ProblemItem(.pointer(""), code: ProblemCode("wrong_type"), detail: "is \(json.kind); expected an object")])
        }
        var items: [(name: String, value: String)] = []
        var problems: [QueryProblem] = []
        for member in object.members {
            // The bracket form belongs to addresses: here its name would be taken for a parameter.
            guard !member.name.contains("[") else {
                problems.append(
                    QueryProblem(.unknownParameter, parameter: member.name.excerpt, "is not a member of a query; write filter as an object")
                )
                continue
            }
            switch (member.name, member.value) {
            case (_, .null): continue
            case ("filter", .object): items.append((member.name, member.value.compactText))
            case ("limit", .number(let digits)), ("page", .number(let digits)): items.append((member.name, whole(digits) ?? digits))
            case (let name, .array(let elements)) where lists.contains(name):
                let texts = elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
                guard texts.count == elements.count, !texts.isEmpty else {
                    problems.append(QueryProblem(.invalidParameter, parameter: name, "is not a text or a list of texts"))
                    continue
                }
                items.append((name, texts.joined(separator: ",")))
            case ("filter", _), ("limit", _), ("page", _):
                problems.append(
                    QueryProblem(
                        .invalidParameter, parameter: member.name,
                        "is \(member.value.kind); expected \(member.name == "filter" ? "an object" : "a whole number")"))
            case (let name, .string(let text)): items.append((name, text))
            case (let name, let value):
                problems.append(QueryProblem(.invalidParameter, parameter: name.excerpt, "is \(value.kind); expected a text"))
            }
        }
        guard problems.isEmpty else { throw QueryProblems(problems) }
        return items
    }

    /// A whole number as an address has it: JSON also writes it as `10.0` or `1e1`.
    private static func whole(_ digits: String) -> String? {
        guard case .integer(let number)? = try? FieldType.integer.value(from: .number(digits)) else { return nil }
        return String(number)
    }

    /// A problem of the parameters as one of the body's members.
    static func problem(_ error: QueryProblems) -> Problem {
        var problem = ProblemMapping.problem(error)
        problem.errors = problem.errors.map { item in
            guard case .parameter(let name) = item.location else { return item }
            return ProblemItem(.pointer("/" + name.jsonPointerEscaped), code: item.code, detail: item.detail)
        }
        return problem
    }
}
