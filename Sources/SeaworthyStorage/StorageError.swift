/// What a database refused, in terms that no single database owns.
package struct StorageError: Error, Sendable, CustomStringConvertible {
    /// Stable codes; never reused.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let rawValue: String
        package var description: String { rawValue }

        /// A unique index or a primary key holds the value already; `columns` names which.
        package static let uniqueViolation = Code(rawValue: "storage.unique_violation")
        /// A reference points at nothing, or something still points at the row.
        package static let foreignKeyViolation = Code(rawValue: "storage.foreign_key_violation")
        package static let notNullViolation = Code(rawValue: "storage.not_null_violation")
        package static let checkViolation = Code(rawValue: "storage.check_violation")
        /// The value does not have the column's storage type.
        package static let typeMismatch = Code(rawValue: "storage.type_mismatch")
        /// No connection came free within the pool's timeout.
        package static let poolTimeout = Code(rawValue: "storage.pool_timeout")
        /// More statements wait than the queue may hold.
        package static let queueFull = Code(rawValue: "storage.queue_full")
        /// The statement ran longer than the statement timeout and was interrupted.
        package static let statementTimeout = Code(rawValue: "storage.statement_timeout")
        /// The transaction's body ran no statement for longer than the transaction's idle timeout, and it was rolled back.
        package static let transactionTimeout = Code(rawValue: "storage.transaction_timeout")
        /// Another process holds the database's lock.
        package static let busy = Code(rawValue: "storage.busy")
        /// The transaction lost against another that ran at the same time, also after it was tried again.
        package static let serializationFailure = Code(rawValue: "storage.serialization_failure")
        /// There is no connection to the server, or it broke; what was under way may have happened or not.
        package static let disconnected = Code(rawValue: "storage.disconnected")
        package static let readOnly = Code(rawValue: "storage.read_only")
        package static let diskFull = Code(rawValue: "storage.disk_full")
        package static let notADatabase = Code(rawValue: "storage.not_a_database")
        package static let corrupt = Code(rawValue: "storage.corrupt")
        package static let cannotOpen = Code(rawValue: "storage.cannot_open")
        /// The file that was opened is no longer the one at its path.
        package static let replaced = Code(rawValue: "storage.replaced")
        package static let closed = Code(rawValue: "storage.closed")
        package static let inputOutput = Code(rawValue: "storage.input_output")
        /// A statement computed an integer of more than 64 bits.
        package static let numericOverflow = Code(rawValue: "storage.numeric_overflow")
        /// Anything else: a statement the database cannot run.
        package static let failed = Code(rawValue: "storage.failed")

        package static let all: [Code] = [
            uniqueViolation, foreignKeyViolation, notNullViolation, checkViolation, typeMismatch, poolTimeout, queueFull, statementTimeout,
            transactionTimeout, busy, serializationFailure, disconnected, readOnly, diskFull, notADatabase, corrupt, cannotOpen, replaced,
            closed, inputOutput,
            numericOverflow, failed,
        ]
    }

    package var code: Code
    /// The table of a violated constraint, where the database says so.
    package var table: String?
    /// The columns of a violated constraint, where the database says so.
    package var columns: [String]
    /// The index of the refused row within a batch, or of the refused statement among many.
    package var row: Int?
    /// For the log. Never shown to a client: it may hold SQL or a path.
    package var message: String

    package init(_ code: Code, message: String, table: String? = nil, columns: [String] = [], row: Int? = nil) {
        self.code = code
        self.message = message
        self.table = table
        self.columns = columns
        self.row = row
    }

    package var description: String {
        "\(code): \(message)"
    }
}
