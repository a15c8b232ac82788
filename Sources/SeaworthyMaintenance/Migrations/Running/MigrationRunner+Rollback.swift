import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

extension MigrationRunner {
    /// Takes back the last migrations, the last first. The parts of one plan count as one and go together.
    ///
    /// - Throws: ``MaintenanceError``; those that were taken back before stay so.
    package func rollback(
        _ folder: MigrationFolder, steps: Int, onStep: @escaping @Sendable (Outcome.Step) -> Void = { _ in }
    ) async throws -> Outcome {
        try await lock.with { session in
            var outcome = Outcome()
            if dialect is PostgresDialect {
                try await session.execute(Statement("SET lock_timeout = \(settings.lockTimeout.nanoseconds / 1_000_000)"))
            }
            let state = try await lock.transaction(session) { try await store.state($0) }
            let status = MigrationStatus(folder.migrations, state.applied)
            try status.requireOrder()
            var left = steps
            for applied in state.applied.reversed() {
                guard left > 0 else { break }
                guard let migration = folder.migrations.first(where: { $0.name.hasSameBytes(as: applied.name) }) else { continue }
                guard !migration.isIrreversible else {
                    throw MaintenanceError(
                        code: .planRefused, details: ["\(migration.name) has no way back"],
                        fix: "restore a backup, or write a migration that leads on")
                }
                let start = now()
                try await undo(migration, applied, session)
                let step = Outcome.Step(name: migration.name, duration: .microseconds(max(0, now() - start)))
                outcome.steps.append(step)
                onStep(step)
                if !migration.isContinued { left -= 1 }
            }
            return outcome
        }
    }

    private func undo(_ migration: Migration, _ applied: MigrationStore.Applied, _ session: any DatabaseSession) async throws {
        @Sendable func forget(_ transaction: any DatabaseTransaction) async throws {
            try await store.forget(migration.name, transaction)
            let before = applied.schemaBefore ?? migration.from.map(MigrationStore.mark)
            if migration.to != nil, let before { try await store.write(before, now: now(), transaction) }
        }
        guard migration.usesTransaction else {
            try await executeAlone(migration.down, of: migration, session)
            return try await lock.transaction(session) { try await forget($0) }
        }
        try await inTransaction(session, migration.switchesReferencesOff) { transaction in
            try await execute(migration.down, of: migration, transaction)
            try await forget(transaction)
        }
    }
}
