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
        /// A change of the schema that no migration does.
        package static let planRefused = Code(rawValue: "maintenance.plan_refused")
        /// Something would be dropped or narrowed, and that is not allowed here.
        package static let destructive = Code(rawValue: "maintenance.destructive")
        /// A file of migrations that cannot be read, was changed after it was applied, or is gone.
        package static let invalidMigration = Code(rawValue: "maintenance.migration_invalid")
        /// The database refused a statement of a migration.
        package static let failed = Code(rawValue: "maintenance.migration_failed")
        /// Others held what a migration needs, for longer than it waits.
        package static let locked = Code(rawValue: "maintenance.migration_locked")

        /// There is no table to make a schema from.
        package static let nothingToPull = Code(rawValue: "maintenance.nothing_to_pull")

        package static let all: [Code] = [
            conflict, pending, refused, planRefused, destructive, invalidMigration, failed, locked, nothingToPull,
        ]
    }

    package var code: Code
    /// One line each.
    package var details: [String]
    package var fix: String

    package init(code: Code, details: [String], fix: String) {
        self.code = code
        self.details = details
        self.fix = fix
    }

    package var description: String {
        let lead =
            switch code {
            case .conflict: "The database does not fit the schema:"
            case .pending: "The database is not at this schema yet:"
            case .nothingToPull: "There is nothing to make a schema from:"
            case .planRefused: "No migration does this:"
            case .destructive: "This drops or narrows what is stored:"
            case .invalidMigration: "The migrations are not in order:"
            case .failed: "The migration failed, and nothing of it stays:"
            case .locked: "The migration did not get what others hold:"
            default: "The database refused a change that the schema asks for:"
            }
        return ([lead] + details.map { "  - \($0)" } + ["Fix: \(fix)"]).joined(separator: "\n")
    }
}
