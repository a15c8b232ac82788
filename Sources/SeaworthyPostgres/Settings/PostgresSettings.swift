package import SeaworthyStorage

/// Where a PostgreSQL database is and how much it may take. The one place of each default.
package struct PostgresSettings: Sendable {
    /// A connection URI or `key=value` pairs, as libpq takes them: several hosts, `target_session_attrs`, sockets, `sslmode` and the rest.
    /// <https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING>
    package var connection: String
    /// What the server shows of us in `pg_stat_activity`.
    package var applicationName = "seaworthy"
    package var pool = ConnectionPoolStateMachine.Settings()
    /// How long an attempt to connect may take for each host.
    package var connectTimeout: Duration = .seconds(5)
    /// How long a statement, or a whole batch, may take before it is ended with `statementTimeout`.
    package var statementTimeout: Duration = .seconds(30)
    /// How long a statement waits for another transaction's lock before `busy`.
    package var lockTimeout: Duration = .seconds(10)
    /// How long a transaction may stay without a statement of its body before it is rolled back with `transactionTimeout`.
    package var transactionIdleTimeout: Duration = .seconds(60)
    /// From what time on a statement is taken for a slow one: nothing is put behind it on its connection.
    package var slowTime: Duration = .milliseconds(20)
    /// How long a statement may take that goes together with others: each waits for all of them.
    package var shortTime: Duration = .milliseconds(1)
    /// How long a statement may take while others wait for it on its connection, with it or behind it. Then it is ended, and goes again where
    /// nobody does.
    package var companyTime: Duration = .milliseconds(250)
    /// From what time on a statement is told to ``slowStatementObserver``, if there is one.
    package var slowStatementTime: Duration = .seconds(1)
    package var slowStatementObserver: SlowStatementWatch.Observer?
    /// Whether a write transaction tells ``ReadConsistency`` where in the log it stands, which costs no round trip of its own.
    package var tracksPosition = false
    /// Tells this database's connections from others' in metrics.
    package var poolName = "primary"
    /// How long transactions that lost against others are tried again.
    package var retryTime: Duration = .seconds(10)
    /// After how long without an answer the server is asked, by a connection more, whether it still takes any.
    package var silenceTime: Duration = .seconds(5)
    /// How long an idle connection may take to answer before it is given up (``ConnectionPoolStateMachine/Settings/checkInterval``).
    package var checkTimeout: Duration = .seconds(2)
    /// Whether statements are prepared once for each connection, and the session is set once. A pooler that gives each transaction
    /// another of the server's sessions, as PgBouncer does in transaction mode, needs `false`: then each transaction and each statement
    /// outside of one brings along what it needs, and leaves nothing behind.
    package var usesPreparedStatements = true
    /// Prepared statements that a connection keeps; the least recently used makes room.
    package var preparedStatementLimit = 256

    package init(_ connection: String) {
        self.connection = connection
    }

    /// What has to be set at the server, in its own names and units.
    private var limits: [(name: String, milliseconds: UInt64)] {
        func milliseconds(_ duration: Duration) -> UInt64 { max(1, duration.nanoseconds / 1_000_000) }
        return [
            ("statement_timeout", milliseconds(statementTimeout)), ("lock_timeout", milliseconds(lockTimeout)),
            ("idle_in_transaction_session_timeout", milliseconds(transactionIdleTimeout) + 5000),
        ]
    }

    /// Sets a session. Only statements of a write transaction may write.
    var session: String {
        (["SET default_transaction_read_only = on"] + limits.map { "SET \($0.name) = \($0.milliseconds)" }).joined(separator: "; ")
    }

    /// Sets the same for one transaction, without a warning where the transaction is one statement's own; nil where the session is set.
    func localSession(isReadOnly: Bool) -> String? {
        guard !usesPreparedStatements else { return nil }
        let settings = limits.map { ($0.name, String($0.milliseconds)) } + (isReadOnly ? [("transaction_read_only", "on")] : [])
        return "SELECT " + settings.map { "set_config('\($0.0)', '\($0.1)', true)" }.joined(separator: ", ")
    }
}
