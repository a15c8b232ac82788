import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

extension MigrationRunner {
    /// Runs one migration, or only notes it; nil when another node did meanwhile.
    func run(
        _ migration: Migration, isHeld: Bool, targets: [Schema], _ session: any DatabaseSession
    ) async throws -> Outcome.Step? {
        let start = now()
        let isNew: Bool
        if migration.usesTransaction || isHeld {
            isNew = try await inTransaction(session, migration.switchesReferencesOff && !isHeld) { transaction -> Bool in
                guard try await !isApplied(migration, transaction) else { return false }
                if !isHeld { try await execute(migration.up, of: migration, transaction) }
                try await note(migration, isHeld: isHeld, start, targets, transaction)
                return true
            }
        } else {
            let isDone = try await lock.transaction(session) { transaction in try await isApplied(migration, transaction) }
            if !isDone { try await executeAlone(migration.up, of: migration, session) }
            isNew = try await lock.transaction(session) { transaction -> Bool in
                guard try await !isApplied(migration, transaction) else { return false }
                try await note(migration, isHeld: false, start, targets, transaction)
                return true
            }
        }
        guard isNew else { return nil }
        return Outcome.Step(name: migration.name, duration: isHeld ? nil : .microseconds(max(0, now() - start)))
    }

    private func isApplied(_ migration: Migration, _ transaction: any DatabaseTransaction) async throws -> Bool {
        try await store.has(migration.name, transaction)
    }

    private func note(
        _ migration: Migration, isHeld: Bool, _ start: Int64, _ targets: [Schema], _ transaction: any DatabaseTransaction
    ) async throws {
        let before = try await store.text(transaction)
        let end = now()
        try await store.note(
            MigrationStore.Applied(
                name: migration.name, checksum: migration.checksum, appliedAt: end, duration: isHeld ? nil : max(0, end - start),
                // Of one that was not run, nobody knows what was there before.
                schemaBefore: isHeld ? migration.from.map(MigrationStore.mark) : before),
            transaction)
        // A database that was made directly says already what it has.
        guard let to = migration.to, !isHeld || before == nil else { return }
        let target = targets.first { to == SchemaStructure($0).hash }
        try await store.write(target?.canonicalJSON.compactText ?? MigrationStore.mark(to), now: end, transaction)
    }

    /// Runs `body` in a transaction, on SQLite on request with references that are looked at only before the commit.
    func inTransaction<Result: Sendable>(
        _ session: any DatabaseSession, _ switchesReferencesOff: Bool, _ body: @Sendable (any DatabaseTransaction) async throws -> Result
    ) async throws -> Result {
        let switches = switchesReferencesOff && dialect is SQLiteDialect
        // Within a transaction the switch has no effect. https://sqlite.org/pragma.html#pragma_foreign_keys
        if switches { try await session.execute(Statement("PRAGMA foreign_keys = OFF")) }
        let result = try await lock.transaction(session) { transaction in
            let result = try await body(transaction)
            if switches { try await checkReferences(transaction) }
            return result
        }
        if switches { try await session.execute(Statement("PRAGMA foreign_keys = ON")) }
        return result
    }

    private func checkReferences(_ transaction: any DatabaseTransaction) async throws {
        let check = "SELECT DISTINCT \"table\", \"parent\" FROM pragma_foreign_key_check LIMIT 10"
        let rows = try await transaction.query(Statement(check), into: ValueRows())
        guard rows.isEmpty else {
            throw MaintenanceError(
                code: .failed, details: rows.map { "rows of «\($0[0].text)» point at rows of «\($0[1].text)» that are not there" },
                fix: "remove or correct them, and apply again")
        }
    }

    // MARK: Statements

    func execute(_ commands: [Migration.Command], of migration: Migration, _ transaction: any DatabaseTransaction) async throws {
        var rebuild: SQLiteRebuild?
        for command in commands {
            switch command {
            case .statement(let text, let line):
                try await inTerms(of: migration, line) { _ = try await transaction.execute(Statement(text)) }
            case .rebuild(let table, let without, _):
                rebuild = try await SQLiteRebuild(table: table, without: without, transaction)
            case .rebuilt: try await rebuild?.finish(transaction)
            }
        }
    }

    /// Says which statement the database refused. What another try may mend is thrown as it is.
    func inTerms(of migration: Migration, _ line: Int, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as StorageError {
            switch error.code {
            case .busy, .serializationFailure: throw error
            default:
                throw MaintenanceError(
                    code: .failed, details: ["\(migration.name).\(dialect.name).sql:\(line): \(error.message)"],
                    fix: Self.fix(for: error))
            }
        }
    }

    private static func fix(for error: StorageError) -> String {
        switch error.code {
        case .uniqueViolation: "remove the duplicates, or take the unique constraint out of the schema, and apply again"
        case .notNullViolation, .checkViolation, .typeMismatch: "change the rows that do not fit, and apply again"
        case .foreignKeyViolation: "remove or correct the rows that point at nothing, and apply again"
        case .disconnected: "check that the server runs, and apply again"
        case .diskFull: "make room on the disk, and apply again"
        default: "correct the file if it was never applied anywhere, or bring the database to what it begins with, and apply again"
        }
    }

    // MARK: Outside of transactions

    /// Runs the one statement of a migration that goes without a transaction, so that a try that was cut off can be made again.
    func executeAlone(_ commands: [Migration.Command], of migration: Migration, _ session: any DatabaseSession) async throws {
        guard case .statement(let text, let line)? = commands.first else { return }
        guard dialect is PostgresDialect, let index = ConcurrentIndex(text) else {
            return try await lock.tries(what: "what it needs") {
                try await inTerms(of: migration, line) { _ = try await session.execute(Statement(text)) }
            }
        }
        // It waits for transactions that were open before it, and lets everybody else through meanwhile.
        let wait = settings.indexLockTimeout.nanoseconds / 1_000_000
        try await session.execute(Statement("SET lock_timeout = \(wait)"))
        try await lock.tries(what: "the table of «\(index.name)»") {
            let found = try await isValid(index, session)
            if found == false { try await drop(index, session) }
            // Finished by a try that was cut off before it was noted.
            if found == true { return }
            do {
                try await inTerms(of: migration, line) { _ = try await session.execute(Statement(text)) }
            } catch {
                // What a failed try leaves behind costs writes and serves nobody.
                if try await isValid(index, session) == false { try await drop(index, session) }
                throw error
            }
        }
        try await session.execute(Statement("SET lock_timeout = \(settings.lockTimeout.nanoseconds / 1_000_000)"))
    }

    /// Nil when there is no such index.
    private func isValid(_ index: ConcurrentIndex, _ session: any DatabaseSession) async throws -> Bool? {
        let select = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1::text)"
        let rows = try await session.query(Statement(select, [.text(index.sqlName)]), into: ValueRows())
        return rows.first.map { $0.first == .integer(1) }
    }

    private func drop(_ index: ConcurrentIndex, _ session: any DatabaseSession) async throws {
        try await session.execute(Statement("DROP INDEX CONCURRENTLY IF EXISTS \(index.sqlName)"))
    }
}

/// The index that a statement builds concurrently; nil for any other statement.
struct ConcurrentIndex: Equatable {
    /// As the statement has it, quoted where it is there.
    let sqlName: String
    var name: String { sqlName.hasPrefix("\"") ? String(sqlName.dropFirst().dropLast()).replacing("\"\"", with: "\"") : sqlName }

    init?(_ statement: String) {
        var rest = statement[...]
        func word() -> String {
            rest = rest.drop { $0.isWhitespace }
            let word = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(word.count)
            return word.uppercased()
        }
        guard word() == "CREATE" else { return nil }
        var next = word()
        if next == "UNIQUE" { next = word() }
        guard next == "INDEX", word() == "CONCURRENTLY" else { return nil }
        let beforeName = rest
        if word() == "IF", rest.first?.isWhitespace == true {
            guard word() == "NOT", word() == "EXISTS" else { return nil }
        } else {
            rest = beforeName
        }
        rest = rest.drop { $0.isWhitespace }
        if rest.first == "\"" {
            var name = "\""
            rest.removeFirst()
            while let character = rest.popFirst() {
                name.append(character)
                guard character == "\"" else { continue }
                guard rest.first == "\"" else { break }
                name.append("\"")
                rest.removeFirst()
            }
            sqlName = name
        } else {
            let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "$" || $0 == "." }
            guard !name.isEmpty, name.uppercased() != "ON" else { return nil }
            sqlName = String(name)
        }
    }
}
