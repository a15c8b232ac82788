import SeaworthySchema

/// Which migrations a database has had, which it has not, and what is wrong with those it has had.
package struct MigrationStatus: Sendable, Equatable {
    package enum State: String, Sendable {
        case applied
        /// Noted without being run, because the database had it already.
        case noted
        case pending
        /// Pending, although a later one is applied.
        case outOfOrder = "out_of_order"
        /// The file was changed after it was applied.
        case edited
        /// It was applied, and its file is gone.
        case missing
    }

    package struct Entry: Sendable, Equatable {
        package var name: String
        package var state: State
        /// Microseconds since the epoch; nil for what is pending.
        package var appliedAt: Int64?
        /// Microseconds; nil for what is pending or was noted.
        package var duration: Int64?
        package var isDestructive: Bool
    }

    /// By name.
    package let entries: [Entry]

    init(_ migrations: [Migration], _ applied: [MigrationStore.Applied]) {
        var entries: [Entry] = []
        let last = applied.map(\.name).max { $0.precedes($1) }
        for migration in migrations {
            var entry = Entry(name: migration.name, state: .pending, isDestructive: !migration.losses.isEmpty)
            if let found = applied.first(where: { $0.name.hasSameBytes(as: migration.name) }) {
                entry.state = found.checksum == migration.checksum ? (found.duration == nil ? .noted : .applied) : .edited
                (entry.appliedAt, entry.duration) = (found.appliedAt, found.duration)
            } else if let last, migration.name.precedes(last) {
                entry.state = .outOfOrder
            }
            entries.append(entry)
        }
        for found in applied where !migrations.contains(where: { $0.name.hasSameBytes(as: found.name) }) {
            entries.append(
                Entry(name: found.name, state: .missing, appliedAt: found.appliedAt, duration: found.duration, isDestructive: false))
        }
        self.entries = entries.sorted { $0.name.precedes($1.name) }
    }

    /// That of a database that is not there yet.
    package static func untouched(_ folder: MigrationFolder) -> MigrationStatus { MigrationStatus(folder.migrations, []) }

    package var pending: [Entry] { entries.filter { $0.state == .pending || $0.state == .outOfOrder } }

    /// What has to be put right before anything is applied, a line each.
    package var problems: [String] {
        entries.compactMap { entry in
            switch entry.state {
            case .edited: "\(entry.name): its file was changed after it was applied"
            case .missing: "\(entry.name): it was applied, and its file is gone"
            default: nil
            }
        }
    }

    /// - Throws: ``MaintenanceError`` `migration_invalid`.
    func requireOrder() throws(MaintenanceError) {
        guard problems.isEmpty else {
            throw MaintenanceError(
                code: .invalidMigration, details: problems,
                fix: "bring the file back as it was when it was applied, and put what is new into a migration of its own")
        }
    }
}
