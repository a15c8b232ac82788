/// Why something is not a value of a field.
package struct ValueProblem: Error, Sendable, Equatable {
    /// Stable codes; never reused.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let rawValue: String
        package var description: String { rawValue }

        /// A JSON value of another type than the field's.
        package static let wrongType = Code(rawValue: "wrong_type")
        /// Of the right type, but not in the field's format: a date that no calendar has, text that is no UUID.
        package static let invalidFormat = Code(rawValue: "invalid_format")
        package static let outOfRange = Code(rawValue: "out_of_range")
        package static let tooLong = Code(rawValue: "too_long")
        package static let tooShort = Code(rawValue: "too_short")
        package static let patternMismatch = Code(rawValue: "pattern_mismatch")
        package static let notAllowed = Code(rawValue: "value_not_allowed")
        /// U+0000, which no database keeps in text.
        package static let nulCharacter = Code(rawValue: "nul_character")
        package static let required = Code(rawValue: "required")

        package static let all: [Code] = [
            wrongType, invalidFormat, outOfRange, tooLong, tooShort, patternMismatch, notAllowed, nulCharacter, required,
        ]
    }

    package var code: Code
    /// A sentence for the client: what is wrong and what is expected. It never repeats the value.
    package var detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}
