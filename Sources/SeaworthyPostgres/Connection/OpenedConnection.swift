import CPostgreSQL
import SeaworthyStorage

/// A connection that was made on a thread of its own, because libpq waits for name servers and for the handshake.
// @unchecked Sendable: handed from the thread that made it to the loop's, and never used by both.
struct OpenedConnection: @unchecked Sendable {
    enum Purpose {
        /// For the loop.
        case pipeline
        /// For a few statements one after another, on the thread that opened it.
        case statements
    }

    let handle: OpaquePointer
    /// When the server's session began, in its own words; known where statements are ended by naming the session.
    let startedAt: String?

    /// Connects. Blocks the thread.
    ///
    /// - Throws: ``StorageError`` `disconnected` with what libpq says, which names the host and no password.
    init(_ settings: PostgresSettings, purpose: Purpose = .pipeline) throws(StorageError) {
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
        do throws(StorageError) {
            guard PQstatus(handle) == CONNECTION_OK else {
                let text = PQerrorMessage(handle).map { String(cString: $0) } ?? "no connection"
                throw StorageError(
                    .disconnected, message: text.split(separator: "\n").map { $0.drop(while: \.isWhitespace) }.joined(separator: "; "))
            }
            // libpq would write the server's notices to standard error.
            PQsetNoticeProcessor(handle, { _, _ in }, nil)
            if settings.usesPreparedStatements {
                let result = PQexec(handle, settings.session).map(PostgresResult.init)
                guard result?.status == PGRES_COMMAND_OK else {
                    throw result.map { StorageError($0) } ?? StorageError(.disconnected, message: "the session could not be set")
                }
            }
            // A pooler's number is no session's; it is told by libpq's word.
            let isNamed = purpose == .pipeline && settings.usesPreparedStatements && PQsslInUse(handle) == 1
            startedAt = isNamed ? try Self.startOfSession(handle) : nil
            if purpose == .pipeline {
                guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
                    throw StorageError(.disconnected, message: "the connection cannot be used for pipelines")
                }
            }
        } catch {
            PQfinish(handle)
            throw error
        }
        self.handle = handle
    }

    func close() {
        PQfinish(handle)
    }

    /// Runs one statement, and gives its rows as text; nil when the server refused it. Not for a connection in pipeline mode.
    @discardableResult
    func run(_ sql: String, _ parameters: [String?] = []) -> [[String]]? {
        Self.run(handle, sql, parameters)
    }

    private static func run(_ handle: OpaquePointer, _ sql: String, _ parameters: [String?]) -> [[String]]? {
        // Texts as libpq wants them, with null where there is none.
        let texts = parameters.map { $0.map { Array($0.utf8CString) } }
        let starts = texts.reduce(into: [0]) { starts, text in starts.append((starts.last ?? 0) + (text?.count ?? 0)) }
        let result = texts.flatMap { $0 ?? [] }.withUnsafeBufferPointer { bytes in
            let pointers = texts.indices.map { index in
                texts[index] == nil ? nil : bytes.baseAddress.map { $0 + starts[index] }
            }
            return pointers.withUnsafeBufferPointer { pointers in
                PQexecParams(handle, sql, Int32(pointers.count), nil, pointers.baseAddress, nil, nil, 0).map(PostgresResult.init)
            }
        }
        guard let result, result.status == PGRES_TUPLES_OK || result.status == PGRES_COMMAND_OK else { return nil }
        return (0..<result.rowCount).map { row in
            (0..<result.columnCount).map { column in
                PQgetvalue(result.handle, Int32(row), Int32(column)).map { String(cString: $0) } ?? ""
            }
        }
    }

    /// Prepares a statement, and gives how many parameters it has; nil when the server refused it.
    func prepare(_ sql: String, name: String) -> Int? {
        for result in [PQprepare(handle, name, sql, 0, nil), PQdescribePrepared(handle, name)] {
            guard let result = result.map(PostgresResult.init), result.status == PGRES_COMMAND_OK else { return nil }
            if result.parameterTypes.count > 0 { return result.parameterTypes.count }
        }
        return 0
    }

    private static func startOfSession(_ handle: OpaquePointer) throws(StorageError) -> String {
        // To the microsecond, whatever the session's style of dates.
        let rows = run(
            handle,
            "SELECT to_char(backend_start, 'YYYY-MM-DD\"T\"HH24:MI:SS.USTZH:TZM') FROM pg_stat_activity WHERE pid = pg_backend_pid()", [])
        guard let start = rows?.first?.first else { throw StorageError(.disconnected, message: "the session's start could not be read") }
        return start
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
