import Synchronization

/// A regular expression from `pattern:`, matched against Unicode scalars anywhere in the text unless it is anchored.
package struct Pattern: Sendable, Equatable {
    package let source: String
    private let expression: Expression

    /// - Throws: Swift's own description of what is wrong with the expression.
    package init(_ source: String) throws {
        self.source = source
        self.expression = try Expression(source)
    }

    package static func == (left: Pattern, right: Pattern) -> Bool {
        left.source.hasSameBytes(as: right.source)
    }

    package func matches(_ text: String) -> Bool {
        expression.matches(text)
    }

    // @unchecked Sendable: `regex` is only used under `lock`. A compiled Regex caches its program lazily, so it is not Sendable itself.
    private final class Expression: @unchecked Sendable {
        private let lock = Mutex(())
        private let regex: Regex<AnyRegexOutput>

        init(_ source: String) throws {
            regex = try Regex(source).matchingSemantics(.unicodeScalar)
        }

        func matches(_ text: String) -> Bool {
            lock.withLock { _ in
                do {
                    return try regex.firstMatch(in: text) != nil
                } catch {
                    // Only a custom component can throw, and a parsed expression has none; a value that cannot be judged is refused.
                    return false
                }
            }
        }
    }
}
