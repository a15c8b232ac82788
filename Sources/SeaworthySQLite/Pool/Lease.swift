import SeaworthyStorage

/// A connection on loan to one transaction, from its BEGIN to its COMMIT or ROLLBACK.
final class Lease: Sendable {
    /// The transaction's statements, in order.
    let statements: WorkQueue
    private let idleTimeout: Duration

    init(idleTimeout: Duration) {
        // Not bounded: a full queue would refuse the COMMIT, and only one body fills it.
        statements = WorkQueue(limit: .max)
        self.idleTimeout = idleTimeout
    }

    /// Runs on the connection's thread until the transaction has ended.
    func serve(with connection: SQLiteConnection) {
        let refusal = StorageError(
            .transactionTimeout, message: "the transaction was rolled back: it ran no statement for \(idleTimeout)")
        var finished = false
        while connection.isLeased {
            guard case .job(let job) = statements.next(finished: finished, limit: (idleTimeout, refusal)) else { break }
            job.run(on: connection)
            finished = true
        }
        // A task that let the transaction escape from its body, or came too late, must not wait for ever.
        statements.refuse(with: StorageError(.closed, message: "the transaction has ended"))
        connection.rollback()
    }
}
