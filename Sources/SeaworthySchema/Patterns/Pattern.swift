/// A regular expression from `pattern:`, matched against Unicode scalars anywhere in the text unless it is anchored.
///
/// The language is ECMAScript's without what needs backtracking: no back references, no look-around, no `\b`, no `\p{…}`. So a match takes
/// time in proportion to the text, whatever a client sends: all ways through the expression are followed at once (Thompson, «Regular
/// Expression Search Algorithm», 1968; Cox, https://swtch.com/~rsc/regexp/regexp2.html).
package struct Pattern: Sendable, Equatable {
    package let source: String
    private let program: PatternProgram

    /// - Throws: ``PatternError``.
    package init(_ source: String) throws(PatternError) {
        self.source = source
        program = try PatternParser.parse(source)
    }

    package static func == (left: Pattern, right: Pattern) -> Bool {
        left.source.hasSameBytes(as: right.source)
    }

    package func matches(_ text: String) -> Bool {
        program.matches(text)
    }
}

/// Why a text is no pattern.
package struct PatternError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(description: String) {
        self.description = description
    }
}
