package import SeaworthySchema

/// What is wrong with a request's query, by the parameter that says it.
package struct QueryProblem: Error, Sendable, Equatable {
    /// Stable codes; never reused. Problems within a filter have codes of ``FilterProblem``.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let rawValue: String
        package var description: String { rawValue }

        package static let unknownParameter = Code(rawValue: "unknown_parameter")
        package static let duplicateParameter = Code(rawValue: "duplicate_parameter")
        package static let invalidParameter = Code(rawValue: "invalid_parameter")
        /// Two parameters that exclude each other.
        package static let conflictingParameters = Code(rawValue: "conflicting_parameters")
        /// A cursor of another query, entity or caller, or one that was tampered with.
        package static let invalidCursor = Code(rawValue: "invalid_cursor")
        /// Lists of included records would be too long together.
        package static let includeTooLarge = Code(rawValue: "include_too_large")
        /// The answer would have more bytes than one may.
        package static let answerTooLarge = Code(rawValue: "answer_too_large")
        package static let notSearchable = Code(rawValue: "not_searchable")
        package static let unknownField = Code(rawValue: "unknown_field")
        /// A sum or average of an aggregate is beyond what its type holds.
        package static let sumOutOfRange = Code(rawValue: "sum_out_of_range")
        package static let notSupported = Code(rawValue: "not_supported")

        package static let all: [Code] = [
            unknownParameter, duplicateParameter, invalidParameter, conflictingParameters, invalidCursor, includeTooLarge, answerTooLarge,
            notSearchable,
            unknownField, sumOutOfRange,
            notSupported,
        ]
    }

    package var parameter: String
    package var code: String
    package var detail: String

    package init(_ code: Code, parameter: String, _ detail: String) {
        self.parameter = parameter
        self.code = code.rawValue
        self.detail = detail
    }

    /// A route does not have the parameter.
    static func unknown(parameter: String, known: [String]) -> QueryProblem {
        let hint = known.nearest(to: parameter).map { "; did you mean «\($0)»?" } ?? "; known are \(known.joined(separator: ", "))"
        return QueryProblem(.unknownParameter, parameter: parameter.excerpt, "is not a parameter of this route\(hint)")
    }

    package init(_ problem: FilterProblem, parameter: String) {
        self.parameter = parameter
        code = problem.code
        detail = problem.pointer.isEmpty || problem.pointer == parameter ? problem.detail : "\(problem.pointer): \(problem.detail)"
    }
}

/// Every problem of one query at once.
package struct QueryProblems: Error, Sendable, Equatable {
    package var problems: [QueryProblem]

    package init(_ problems: [QueryProblem]) {
        self.problems = problems
    }
}
