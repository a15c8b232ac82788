/// What is wrong with a filter, and where in it.
package struct FilterProblem: Sendable, Equatable {
    /// Stable codes; never reused. A value that does not fit its field has a code of ``ValueProblem``.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let rawValue: String
        package var description: String { rawValue }

        package static let unknownField = Code(rawValue: "unknown_field")
        package static let unknownOperator = Code(rawValue: "unknown_operator")
        /// The operator exists, but not for the type of this field.
        package static let operatorNotApplicable = Code(rawValue: "operator_not_applicable")
        /// A filter, a list or a word stands where something else belongs.
        package static let invalidFilter = Code(rawValue: "invalid_filter")
        /// A `$…` variable where none may stand.
        package static let variableNotAllowed = Code(rawValue: "variable_not_allowed")
        package static let tooDeep = Code(rawValue: "filter_too_deep")
        package static let tooManyTerms = Code(rawValue: "filter_too_large")
        package static let notSupported = Code(rawValue: "not_supported")

        package static let all: [Code] = [
            unknownField, unknownOperator, operatorNotApplicable, invalidFilter, variableNotAllowed, tooDeep, tooManyTerms, notSupported,
        ]
    }

    /// The most problems that are collected of one request. Finding out what an unknown name was meant to be takes time, and no answer tells more.
    package static let maximumCount = 100

    package var code: String
    /// A JSON Pointer (RFC 6901) into the filter; empty for the filter as a whole.
    package var pointer: String
    package var detail: String

    package init(_ code: Code, at pointer: String, _ detail: String) {
        self.code = code.rawValue
        self.pointer = pointer
        self.detail = detail
    }

    package init(_ problem: ValueProblem, at pointer: String) {
        code = problem.code.rawValue
        self.pointer = pointer
        detail = problem.detail
    }
}
