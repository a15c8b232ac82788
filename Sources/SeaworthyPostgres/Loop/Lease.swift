import SeaworthySQL
import SeaworthyStorage
import Synchronization

/// A connection on loan to one transaction, from BEGIN to COMMIT or ROLLBACK, or to a session, after which it is closed.
///
/// The task sends requests one after another; they run one at a time, whatever tasks the body makes.
// @unchecked Sendable: what is not a `let` is used by the loop's thread only.
final class Lease: @unchecked Sendable {
    enum Phase {
        case waiting
        case open
        /// COMMIT or ROLLBACK is under way.
        case ending
        case over
    }

    let request = Request(SQLText("BEGIN"))
    let mode: TransactionMode
    /// Sets what is set for this transaction alone (``PostgresSettings/localSession(isReadOnly:)``).
    private let session: String?
    /// It is the loan to a session, which begins its transactions itself.
    let isSession: Bool

    var phase = Phase.waiting
    var connection: PostgresConnection?
    var continuation: CheckedContinuation<Void, any Error>?
    /// It had a connection.
    var wasLent = false
    var hasBegun = false
    /// Some statement has been done.
    var hasDone = false
    /// COMMIT was done; where it stands in the log is being asked for.
    var hasCommitted = false
    /// Behind it in the log, where that is asked for; set before the transaction's task goes on.
    var position: UInt64?
    /// A COMMIT was sent.
    var isCommitting = false
    var running: Request?
    var queue: [Request] = []
    var idleSince: UInt64 = 0
    /// What every further statement is refused with: after a statement was ended from outside nothing of the transaction stays.
    var doom: (any Error)?
    /// What the transaction was ended with from outside, or nil.
    var ending: (any Error)?

    init(_ mode: TransactionMode, session: String?, isSession: Bool = false) {
        self.mode = mode
        self.session = session
        self.isSession = isSession
    }

    static let closed = StorageError(.closed, message: "the transaction has ended")

    /// What has to be sent before the first statement.
    var begin: [PostgresConnection.Command] {
        guard !hasBegun, !isSession else { return [] }
        return switch mode {
        // The snapshot is taken by the first statement behind BEGIN.
        case .read: [.text("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"), .text(session ?? "SELECT 1")]
        case .write, .writeAlone: [.text("BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE")] + (session.map { [.text($0)] } ?? [])
        }
    }

    /// What has to be sent before anybody is told that the connection is theirs: a snapshot begins with the transaction, not with what is
    /// first read in it, and a session may write, and has time.
    var opening: [PostgresConnection.Command] {
        guard isSession else { return mode == .read ? begin : [] }
        return [
            .text("SET default_transaction_read_only = off"), .text("SET statement_timeout = 0"),
            .text("SET idle_in_transaction_session_timeout = 0"),
        ]
    }

    /// Whether a refused statement is taken back by itself, so that the transaction goes on.
    func isGuarded(_ sql: SQLText) -> Bool {
        mode != .read && !isSession && !sql.text.hasPrefix("SELECT")
    }
}
