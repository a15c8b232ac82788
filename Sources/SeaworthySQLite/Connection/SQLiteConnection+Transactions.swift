import CSQLite
import SeaworthySQL
import SeaworthyStorage
import Synchronization

/// Transactions, and what they share: see docs/decisions/0020-group-commit.md.
extension SQLiteConnection {
    /// What a transaction's body has of the connection.
    enum Loan {
        /// A transaction of the database of its own, which others may join when it is complete.
        case whole
        /// A savepoint in the one whose members so far wait for the COMMIT.
        case savepoint
    }

    private static let beginRead = SQLText("BEGIN")
    // Takes the snapshot, which BEGIN leaves to the first read.
    private static let firstRead = SQLText("SELECT 1 FROM sqlite_schema LIMIT 1")
    private static let beginWrite = SQLText("BEGIN IMMEDIATE")
    private static let commit = SQLText("COMMIT")
    private static let savepoint = SQLText("SAVEPOINT seaworthy_member")
    private static let rollbackToSavepoint = SQLText("ROLLBACK TO seaworthy_member")
    private static let releaseSavepoint = SQLText("RELEASE seaworthy_member")

    private var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    // MARK: Begin

    /// - Parameter lease: whose cancellation ends the wait for another process's lock.
    func begin(for lease: Lease) throws {
        switch lease.mode {
        case .read:
            try control(Self.beginRead)
            try control(Self.firstRead)
        case .write where hasGroup:
            // No interruption here: it would take the group with it.
            if lease.isCancelled.load(ordering: .relaxed) { throw CancellationError() }
            if defersReferences { try deferReferences(false) }
            try control(Self.savepoint)
            loan = .savepoint
            return
        case .write, .writeAlone:
            commitGroup()
            interruption.begin(lease)
            defer { interruption.end() }
            try control(Self.beginWrite)
        }
        loan = .whole
    }

    // MARK: End

    func commitRead() throws {
        if let transactionLoss { throw transactionLoss }
        try control(Self.commit)
        loan = nil
    }

    /// Ends a write transaction but for the COMMIT, and has its lease wait for that.
    ///
    /// - Throws: what the transaction's loan was lost with, and `foreignKeyViolation` when a deferred reference points at nothing.
    func complete(_ lease: Lease) throws {
        try checkReferences()
        if loan == .savepoint { try control(Self.releaseSavepoint) }
        loan = nil
        group.join(lease, now: .now, closes: lease.mode == .writeAlone)
    }

    /// Ends the transaction on loan without its changes.
    func rollback() {
        defer {
            loan = nil
            transactionLoss = nil
        }
        guard loan == .savepoint, transactionLoss == nil else { return rollbackAll() }
        do {
            try control(Self.rollbackToSavepoint)
            try control(Self.releaseSavepoint)
        } catch {
            // The changes could only be taken back with everybody's.
            rollbackAll()
            groupLoss = groupLoss ?? error
        }
    }

    private func rollbackAll() {
        allowingControl { if isInTransaction { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) } }
        defersReferences = false
    }

    /// A statement that began a transaction of its own must not leave it to the next.
    func leaveNoTransaction() {
        if loan == nil, !hasGroup { rollbackAll() }
    }

    // MARK: Sessions

    /// Begins a transaction of a session's, which shares its commit with nobody.
    func beginInSession() throws {
        guard loan == nil else { throw StorageError(.failed, message: "the session is in a transaction already") }
        try control(Self.beginWrite)
        loan = .whole
    }

    func commitInSession() throws {
        try checkReferences()
        try control(Self.commit)
        commits.add()
        loan = nil
        defersReferences = false
    }

    /// Sets back what a session may have changed.
    func endSession() {
        rollback()
        var current: Int32 = 0
        _ = seaworthy_sqlite_db_config(handle, Int32(SQLITE_DBCONFIG_ENABLE_FKEY), 1, &current)
        _ = seaworthy_sqlite_db_config(handle, Int32(SQLITE_DBCONFIG_LEGACY_ALTER_TABLE), 0, &current)
    }

    // MARK: Group

    var hasGroup: Bool { !group.isEmpty }
    var isCommitDue: Bool { group.isDue(now: .now) }
    /// Complete transactions wait for the one on loan.
    var holdsOthers: Bool { loan == .savepoint && hasGroup && groupLoss == nil }

    /// Commits the complete transactions, if there are any, and tells each of them.
    func commitGroup() {
        guard hasGroup else { return }
        let result: Result<Void, any Error>
        do {
            if let groupLoss { throw groupLoss }
            try control(Self.commit)
            commits.add()
            result = .success(())
        } catch {
            result = .failure(error)
        }
        // What could not be committed must not go into the next transaction.
        rollbackAll()
        groupLoss = nil
        for lease in group.take() { lease.acknowledge(result) }
    }

    /// Tells the complete transactions that SQLite took back the whole transaction, if it did.
    func failLostGroup() {
        guard let loss = groupLoss.take() else { return }
        // Cancelled was the one that was interrupted, none of those that lose by it.
        let error = loss is CancellationError ? StorageError(.failed, message: "a transaction of the same commit was interrupted") : loss
        for lease in group.take() { lease.acknowledge(.failure(error)) }
    }

    /// After an error: notes when the whole transaction is lost, not only what the statement changed.
    ///
    /// SQLite rolls it back by itself when a write is interrupted or the disk is full. <https://sqlite.org/lang_transaction.html>
    /// After a damaged page was met in a transaction that writes, its other statements and its COMMIT fail too.
    func noteLoss(_ error: any Error, code: Int32) {
        guard loan != nil, transactionLoss == nil else { return }
        let isDamaged = code & 0xFF == SQLITE_CORRUPT && sqlite3_txn_state(handle, nil) == SQLITE_TXN_WRITE
        guard !isInTransaction || isDamaged else { return }
        transactionLoss = error
        if hasGroup { groupLoss = groupLoss ?? error }
    }

    // MARK: References

    func deferReferences(_ defers: Bool = true) throws {
        if let transactionLoss { throw transactionLoss }
        // Set first: a member that fails after it leaves the switch on for the next to find.
        if defers { defersReferences = true }
        // Not kept prepared: the switch is set while the text is compiled. <https://sqlite.org/pragma.html>
        try run("PRAGMA defer_foreign_keys = \(defers ? "ON" : "OFF")")
        if !defers { defersReferences = false }
    }

    func checkReferences() throws {
        if let transactionLoss { throw transactionLoss }
        var current: Int32 = 0
        var highest: Int32 = 0
        let code = sqlite3_db_status(handle, SQLITE_DBSTATUS_DEFERRED_FKS, &current, &highest, 0)
        if code != SQLITE_OK { throw failure(code) }
        if current != 0 {
            throw StorageError(.foreignKeyViolation, message: "a deferred reference points at nothing")
        }
    }
}
