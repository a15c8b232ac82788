import CPostgreSQL
import SeaworthyStorage

/// A connection that was made on a thread of its own, because libpq waits for name servers and for the handshake.
// @unchecked Sendable: handed from the thread that made it to the loop's, and never used by both.
struct OpenedConnection: @unchecked Sendable {
    let handle: OpaquePointer

    /// Connects. Blocks the thread.
    ///
    /// - Throws: ``StorageError`` `disconnected` with what libpq says, which names the host and no password.
    init(_ settings: PostgresSettings) throws(StorageError) {
        // Later keywords win, and `dbname` stands for all of the connection's text: it wins over the defaults, and the encoding over it.
        let defaults = [
            ("application_name", settings.applicationName), ("connect_timeout", String(max(2, settings.connectTimeout.components.seconds))),
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"), ("tcp_user_timeout", "30000"),
        ]
        let pairs = defaults + [("dbname", settings.connection), ("client_encoding", "UTF8")]
        let handle = Self.withCStrings(pairs.map(\.0)) { keywords in
            Self.withCStrings(pairs.map(\.1)) { values in PQconnectdbParams(keywords, values, 1) }
        }
        guard let handle else { throw StorageError(.disconnected, message: "libpq has no memory for a connection") }
        guard PQstatus(handle) == CONNECTION_OK else {
            let text = PQerrorMessage(handle).map { String(cString: $0) } ?? "no connection"
            PQfinish(handle)
            throw StorageError(.disconnected, message: text.split(separator: "\n").joined(separator: "; "))
        }
        self.handle = handle
        // libpq would write the server's notices to standard error.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        do throws(StorageError) {
            try prepare(settings)
        } catch {
            PQfinish(handle)
            throw error
        }
    }

    func close() {
        PQfinish(handle)
    }

    /// Sets the session, and goes over to pipelines.
    private func prepare(_ settings: PostgresSettings) throws(StorageError) {
        func milliseconds(_ duration: Duration) -> UInt64 { max(1, duration.nanoseconds / 1_000_000) }
        // Only statements of a write transaction may write.
        let session = """
            SET default_transaction_read_only = on; SET statement_timeout = \(milliseconds(settings.statementTimeout)); \
            SET lock_timeout = \(milliseconds(settings.lockTimeout)); \
            SET idle_in_transaction_session_timeout = \(milliseconds(settings.transactionIdleTimeout) + 5000)
            """
        let result = PQexec(handle, session).map(PostgresResult.init)
        guard result?.status == PGRES_COMMAND_OK else {
            throw result.map { StorageError($0) } ?? StorageError(.disconnected, message: "the session could not be set")
        }
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
            throw StorageError(.disconnected, message: "the connection cannot be used for pipelines")
        }
    }

    private static func withCStrings<Result>(
        _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        let bytes = texts.flatMap { Array($0.utf8CString) }
        var starts: [Int] = []
        var start = 0
        for text in texts {
            starts.append(start)
            start += text.utf8.count + 1
        }
        return bytes.withUnsafeBufferPointer { bytes in
            let pointers = starts.map { offset in bytes.baseAddress.map { $0 + offset } } + [nil]
            return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
        }
    }
}
