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
    /// How long transactions that lost against others are tried again.
    package var retryTime: Duration = .seconds(10)
    /// Prepared statements that a connection keeps; the least recently used makes room.
    package var preparedStatementLimit = 256

    package init(_ connection: String) {
        self.connection = connection
    }
}
