/// Why the database cannot be brought to, or is not at, the schema.
package struct MaintenanceError: Error, Sendable, CustomStringConvertible {
    /// Stable codes; never reused.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let rawValue: String
        package var description: String { rawValue }

        /// The database differs from the schema in ways that need a migration.
        package static let conflict = Code(rawValue: "maintenance.schema_conflict")
        /// The database is not at the schema yet, and nothing may change it here.
        package static let pending = Code(rawValue: "maintenance.schema_pending")
        /// The stored data forbids a change: duplicates where a unique index is to be.
        package static let refused = Code(rawValue: "maintenance.change_refused")

        /// There is no table to make a schema from.
        package static let nothingToPull = Code(rawValue: "maintenance.nothing_to_pull")

        package static let all: [Code] = [conflict, pending, refused, nothingToPull]
    }

    package var code: Code
    /// One line each.
    package var details: [String]
    package var fix: String

    package var description: String {
        let lead =
            switch code {
            case .conflict: "The database does not fit the schema:"
            case .pending: "The database is not at this schema yet:"
            case .nothingToPull: "There is nothing to make a schema from:"
            default: "The database refused a change that the schema asks for:"
            }
        return ([lead] + details.map { "  - \($0)" } + ["Fix: \(fix)"]).joined(separator: "\n")
    }
}
