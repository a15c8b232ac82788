/// Why nothing can be said of a lock, or none is given.
package struct LockError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable codes; never reused.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let rawValue: String
        package var description: String { rawValue }

        /// Whoever keeps the locks is away, or has no room: two owners would be worse than none.
        package static let unavailable = Code(rawValue: "locks_unavailable")
        /// The owner has as many locks as anybody may.
        package static let tooMany = Code(rawValue: "too_many_locks")

        package static let all: [Code] = [unavailable, tooMany]
    }

    package var code: Code
    /// For the log, without keys of records.
    package var reason: String

    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    package var description: String { "\(code): \(reason)" }
}
