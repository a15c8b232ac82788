import CSQLite
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// One connection, confined to the thread that opened it: it is not `Sendable`, and jobs get it only as an argument on that thread.
final class SQLiteConnection {
    enum Role {
        case writer
        case reader
    }

    let handle: OpaquePointer
    let interruption: Interruption
    private let statements: StatementCache
    private let arena = ParameterArena()
    let commits: CommitCounter
    /// Set once, before the first statement.
    var watch: StatementWatch?
    /// The write transactions that are complete but for their COMMIT.
    var group: CommitGroup<Lease>
    /// What a transaction's body has, while it runs.
    var loan: Loan?
    /// Why SQLite rolled back the transaction on loan by itself.
    var transactionLoss: (any Error)?
    /// Why the group cannot be committed, until its members are told.
    var groupLoss: (any Error)?
    /// References are checked late, until the end of the database's transaction or until this is switched off.
    var defersReferences = false
    /// BEGIN, COMMIT and ROLLBACK are the driver's: a body that ended the transaction would end its group's.
    var allowsControl = false

    init(path: String, role: Role, settings: SQLiteSettings, commits: CommitCounter) throws {
        self.commits = commits
        group = CommitGroup(limit: settings.groupLimit, time: settings.groupTime)
        interruption = Interruption(statementTimeout: settings.statementTimeout, busyTimeout: settings.busyTimeout)
        handle = try Self.open(path: path, role: role, vfs: settings.vfs)
        statements = StatementCache(handle: handle, limit: settings.preparedStatementLimit)
        do {
            try configure(role: role, path: path, settings: settings)
        } catch {
            close()
            throw error
        }
    }

    /// Must be called once, last, on the connection's thread.
    func close() {
        statements.removeAll()
        sqlite3_close_v2(handle)
    }

    // MARK: Statements

    func query<Reader: RowReader>(_ statement: Statement, into reader: Reader) throws -> Reader.Output {
        try watched(.query, statement.sql) { count in try read(statement, into: reader, &count) }
    }

    func execute(_ statement: Statement) throws -> Int {
        try watched(.execute, statement.sql) { count in
            count = try change(statement)
            return count
        }
    }

    func executeBatch(_ sql: SQLText, values: [Value], width: Int, continuesOnError: Bool) throws -> [StorageError] {
        try watched(.batch, sql) { count in
            let refused = try changeMany(sql, values: values, width: width, continuesOnError: continuesOnError)
            count = values.count / width - refused.count
            return refused
        }
    }

    private func read<Reader: RowReader>(_ statement: Statement, into reader: Reader, _ count: inout Int) throws -> Reader.Output {
        let prepared = try prepare(statement.sql)
        var reader = reader
        try bind(statement.parameters, to: prepared)
        spareOthers(from: prepared)
        defer { release(prepared) }
        // Known from the first row on: a step after a change of the schema prepares the statement anew, maybe with other columns.
        var row: SQLiteRow?
        while true {
            let code = sqlite3_step(prepared.handle)
            if code == SQLITE_ROW {
                let found = row ?? SQLiteRow(statement: prepared.handle, columnCount: Int(sqlite3_column_count(prepared.handle)))
                row = found
                count += 1
                try reader.read(found)
            } else if code == SQLITE_DONE {
                break
            } else {
                throw failure(code, resetting: prepared)
            }
        }
        // Ends the statement's snapshot before the reader makes its value of the rows.
        sqlite3_reset(prepared.handle)
        return try reader.finish()
    }

    private func change(_ statement: Statement) throws -> Int {
        let prepared = try prepare(statement.sql)
        try bind(statement.parameters, to: prepared)
        spareOthers(from: prepared)
        defer { release(prepared) }
        // A statement that changes no rows by its nature, such as CREATE TABLE, leaves the count of the last one that did.
        let before = sqlite3_total_changes64(handle)
        while true {
            let code = sqlite3_step(prepared.handle)
            if code == SQLITE_DONE { break }
            if code != SQLITE_ROW { throw failure(code, resetting: prepared) }
        }
        return sqlite3_total_changes64(handle) == before ? 0 : Int(sqlite3_changes64(handle))
    }

    private func changeMany(_ sql: SQLText, values: [Value], width: Int, continuesOnError: Bool) throws -> [StorageError] {
        let prepared = try prepare(sql)
        guard width > 0, values.count % width == 0, width == prepared.parameterCount else {
            throw StorageError(
                .failed, message: "a batch of \(values.count) values, \(width) a row, for \(prepared.parameterCount) parameters")
        }
        defer { release(prepared) }
        var refused: [StorageError] = []
        try values.withUnsafeBufferPointer { values in
            for row in 0..<(values.count / width) {
                // A statement that inserts one row may end before SQLite asks.
                if interruption.shouldStopBetween() { throw interruptionError }
                spareOthers(from: prepared)
                var code = arena.bind(UnsafeBufferPointer(rebasing: values[row * width..<(row + 1) * width]), to: prepared.handle)
                if code == SQLITE_OK {
                    repeat { code = sqlite3_step(prepared.handle) } while code == SQLITE_ROW
                }
                if code == SQLITE_DONE {
                    sqlite3_reset(prepared.handle)
                    continue
                }
                let error = failure(code, resetting: prepared)
                guard var error = error as? StorageError else { throw error }
                error.row = row
                guard continuesOnError, transactionLoss == nil, error.refusesOnlyItsRow(code: code) else { throw error }
                refused.append(error)
            }
        }
        return refused
    }

    private func prepare(_ sql: SQLText) throws -> CachedStatement {
        if let transactionLoss { throw transactionLoss }
        return try statements.statement(for: sql) { throw self.failure($0) }
    }

    /// Before a statement's first step, or a batch's next row.
    private func spareOthers(from prepared: CachedStatement) {
        interruption.sparesOthers = holdsOthers && !prepared.isReadOnly
    }

    private func bind(_ parameters: [Value], to prepared: CachedStatement) throws {
        guard parameters.count == prepared.parameterCount else {
            throw StorageError(
                .failed, message: "\(parameters.count) values for the \(prepared.parameterCount) parameters of \(prepared.sql.text)")
        }
        if parameters.isEmpty { return }
        let code = parameters.withUnsafeBufferPointer { arena.bind($0, to: prepared.handle) }
        if code != SQLITE_OK { throw failure(code, resetting: prepared) }
    }

    private func release(_ prepared: CachedStatement) {
        sqlite3_reset(prepared.handle)
        if arena.isLarge {
            // The statement still points into the arena.
            sqlite3_clear_bindings(prepared.handle)
            arena.shrink()
        }
    }

    /// What SQLite just refused, as our error. Resets the statement, so that the transaction can go on.
    func failure(_ code: Int32, resetting prepared: CachedStatement? = nil) -> any Error {
        let message = String(cString: sqlite3_errmsg(handle))
        if let prepared { sqlite3_reset(prepared.handle) }
        let error: any Error =
            if code & 0xFF == SQLITE_INTERRUPT || code & 0xFF == SQLITE_BUSY, interruption.reason != nil {
                interruptionError
            } else {
                StorageError(sqlite: code, message: message, constraints: ConstraintTable(connection: self))
            }
        noteLoss(error, code: code)
        return error
    }

    private var interruptionError: any Error {
        switch interruption.reason {
        case .timedOut: StorageError(.statementTimeout, message: "the statement ran too long and was interrupted")
        case .cancelled, nil: CancellationError()
        }
    }

    /// Runs a text without parameters and ignores its rows. Not for a request's statements: it is prepared each time.
    func run(_ text: String) throws {
        let code = sqlite3_exec(handle, text, nil, nil, nil)
        if code != SQLITE_OK { throw failure(code) }
    }

    /// Runs one of the driver's own statements that begin and end transactions. Its text must be a constant: it stays prepared.
    func control(_ sql: SQLText) throws {
        try allowingControl {
            let prepared = try statements.statement(for: sql) { throw self.failure($0) }
            var code: Int32
            repeat { code = sqlite3_step(prepared.handle) } while code == SQLITE_ROW
            if code != SQLITE_DONE { throw failure(code, resetting: prepared) }
            sqlite3_reset(prepared.handle)
        }
    }

    func allowingControl<Result>(_ body: () throws -> Result) rethrows -> Result {
        allowsControl = true
        defer { allowsControl = false }
        return try body()
    }
}
