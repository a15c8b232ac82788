import CPostgreSQL
import SeaworthySQL
import SeaworthyStorage

/// One connection in pipeline mode: what is sent goes out at once, and what comes back belongs to what was sent first.
/// <https://www.postgresql.org/docs/15/libpq-pipeline-mode.html>
///
/// Used by the loop's thread only. Commands go together in an ``Exchange``, which ends in a Sync: when one fails, the server passes over the
/// rest of its exchange and goes on with the next. An exchange is one asker's, or a group of short statements that only read: they share
/// what a Sync costs on both sides, and each is told of its own result.
final class PostgresConnection {
    enum Command {
        /// A text of the server's own without parameters.
        case text(String)
        case prepare(SQLText, name: String, types: [Oid])
        case describe(SQLText, name: String)
        case execute(name: String, ParameterBlock)
    }

    /// What came of an exchange.
    struct Outcome {
        var error: StorageError?
        /// Which `execute` of the exchange failed, counted from 0.
        var failedExecution: Int?
        /// How many of them were done before.
        var executions = 0
        /// The plan of a prepared statement no longer fits the tables.
        var isStalePlan = false
        /// A COMMIT that the server made a ROLLBACK of, because something had failed before.
        var wasRolledBack = false
        /// A BEGIN among the commands was done.
        var hasBegun = false
        /// Nanoseconds that the server worked at it.
        var duration: UInt64 = 0
        /// Where the log was, when ``position`` was asked for.
        var position: UInt64?
        /// The error is ours, and the last commands were never sent.
        var isUnsent = false
        /// It was not run, because another of its group failed.
        var isPassedOver = false
    }

    /// Asks where the log ends.
    static let position = Command.text(positionText)
    private static let positionText = "SELECT pg_current_wal_insert_lsn()"

    private struct Exchange {
        var commands: ArraySlice<Command> = []
        /// In place of commands: the statements that go together, each with one result.
        var group: ArraySlice<Request>?
        /// When it was sent, or the one before it was done.
        var startedAt: UInt64
        var receive: (PostgresResult) throws -> Void = { _ in }
        var complete: (Outcome) -> Void = { _ in }
        var outcome = Outcome()
    }

    let number: Int
    let socket: Int32
    private var prepared: PreparedStatements
    /// Otherwise each exchange prepares the statement without a name that it runs.
    private let keepsStatements: Bool
    /// The types of parameters, shared by all connections of the loop.
    private let learned: (SQLText, [Oid]) -> Void
    /// Told of each statement of a group.
    private let completed: (Request, Outcome) -> Void
    private let handle: OpaquePointer
    private var exchanges: [Exchange] = []
    private var head = 0
    private(set) var wantsToWrite = false
    /// Whoever waited for it has been told so already.
    var isGivenUp = false
    /// What runs on it may take as long as it needs.
    var isUnlimited = false
    /// When the server was last told to end what it works at.
    private(set) var cancelledAt: UInt64 = 0
    private let canceller: StatementCanceller

    init(
        _ opened: OpenedConnection, number: Int, settings: PostgresSettings, learned: @escaping (SQLText, [Oid]) -> Void,
        completed: @escaping (Request, Outcome) -> Void
    ) {
        handle = opened.handle
        socket = PQsocket(handle)
        self.number = number
        self.learned = learned
        self.completed = completed
        prepared = PreparedStatements(limit: settings.preparedStatementLimit)
        keepsStatements = settings.usesPreparedStatements
        canceller = StatementCanceller(opened, settings)
    }

    deinit {
        PQfinish(handle)
    }

    /// The statements of the group that the server works at; empty when it works at something else. It keeps the answers of those that are
    /// done until the last is.
    var groupAtWork: ArraySlice<Request> { isIdle ? [] : exchanges[head].group ?? [] }

    /// Statements of the group that has not been sent yet.
    private(set) var openGroupCount = 0

    var isIdle: Bool { head == exchanges.count }

    /// Since when the server works at an exchange; nil when there is none.
    var oldestStart: UInt64? { isIdle ? nil : exchanges[head].startedAt }

    /// Tells the server to end what it works at.
    func cancel(at now: UInt64) {
        cancelledAt = now
        canceller.send()
    }

    // MARK: Sending

    /// The name of the prepared statement, and what has to be sent before it can be used.
    ///
    /// - Throws: ``StorageError`` `disconnected`; the connection is of no use any more.
    func preparation(of sql: SQLText, types: [Oid]?, at now: UInt64) throws(StorageError) -> (name: String, commands: [Command]) {
        guard keepsStatements else {
            return ("", [.prepare(sql, name: "", types: types ?? [])] + (types == nil ? [.describe(sql, name: "")] : []))
        }
        if let name = prepared.name(of: sql) { return (name, []) }
        let (name, evicted) = prepared.add(sql)
        // By itself: the one that makes room may be on its way still, and come to nothing.
        if let evicted { try send([.text("DEALLOCATE \(evicted)")], at: now) { _ in } }
        return (name, [.prepare(sql, name: name, types: types ?? [])] + (types == nil ? [.describe(sql, name: name)] : []))
    }

    func forget(_ sql: SQLText) { prepared.remove(sql) }

    /// The name under which the text is prepared here; nil when it is not.
    func name(of sql: SQLText) -> String? { keepsStatements ? prepared.name(of: sql) : nil }

    /// Puts a prepared statement into the group that goes out with ``endGroup()``. Its end is told to `completed`.
    ///
    /// - Throws: ``StorageError`` `disconnected`; the connection is of no use any more.
    func join(_ request: Request, name: String, _ block: ParameterBlock, at now: UInt64) throws(StorageError) {
        let code = block.withPointers { PQsendQueryPrepared(handle, name, $0, $1, $2, $3, 1) }
        guard code == 1 else { throw broken }
        if openGroupCount == 0 {
            exchanges.append(Exchange(group: [request], startedAt: now))
        } else {
            exchanges[exchanges.count - 1].group?.append(request)
        }
        openGroupCount += 1
    }

    /// Sends the group that is open, if one is.
    ///
    /// - Throws: ``StorageError`` `disconnected`; the connection is of no use any more.
    func endGroup() throws(StorageError) {
        guard openGroupCount > 0 else { return }
        openGroupCount = 0
        guard PQpipelineSync(handle) == 1 else { throw broken }
        try flush()
    }

    /// Sends commands together.
    ///
    /// - Parameters:
    ///   - receive: takes what an `execute` answers, in order.
    ///   - complete: called when all is done, or passed over.
    /// - Throws: ``StorageError`` `disconnected`; the connection is of no use any more.
    func send(
        _ commands: [Command], at now: UInt64, receive: @escaping (PostgresResult) throws -> Void = { _ in },
        complete: @escaping (Outcome) -> Void
    ) throws(StorageError) {
        try endGroup()
        for command in commands {
            let code: Int32
            switch command {
            case .text(let text): code = PQsendQueryParams(handle, text, 0, nil, nil, nil, nil, 1)
            case .prepare(let sql, let name, let types):
                code = types.withUnsafeBufferPointer { PQsendPrepare(handle, name, sql.text, Int32($0.count), $0.baseAddress) }
            case .describe(_, let name): code = PQsendDescribePrepared(handle, name)
            case .execute(let name, let block):
                code = block.withPointers { PQsendQueryPrepared(handle, name, $0, $1, $2, $3, 1) }
            }
            guard code == 1 else { throw broken }
        }
        guard PQpipelineSync(handle) == 1 else { throw broken }
        exchanges.append(Exchange(commands: commands[...], startedAt: now, receive: receive, complete: complete))
        try flush()
    }

    func flush() throws(StorageError) {
        let code = PQflush(handle)
        guard code >= 0 else { throw broken }
        wantsToWrite = code == 1
    }

    var broken: StorageError {
        let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        let line = text.split(separator: "\n").first.map(String.init) ?? "the connection broke"
        return StorageError(.disconnected, message: line)
    }

    // MARK: Receiving

    /// Takes what has come, and tells whoever waits for it.
    ///
    /// - Throws: ``StorageError`` `disconnected`; the connection is of no use any more.
    func receive(at now: UInt64) throws(StorageError) {
        guard PQconsumeInput(handle) == 1 else { throw broken }
        while let note = PQnotifies(handle) { PQfreemem(note) }
        while !isGivenUp, !isIdle, PQisBusy(handle) == 0 {
            guard let result = PQgetResult(handle) else {
                guard endCommand(at: now) else { throw broken }
                continue
            }
            take(PostgresResult(result), at: now)
        }
        if !isGivenUp, PQstatus(handle) == CONNECTION_BAD { throw broken }
    }

    /// No more results of one command come.
    ///
    /// - Returns: false when none was under way.
    private func endCommand(at now: UInt64) -> Bool {
        guard exchanges[head].group != nil else { return exchanges[head].commands.popFirst() != nil }
        guard let request = exchanges[head].group?.popFirst() else { return false }
        var outcome = exchanges[head].outcome
        outcome.duration = now &- exchanges[head].startedAt
        exchanges[head].startedAt = now
        exchanges[head].outcome = Outcome()
        completed(request, outcome)
        return true
    }

    private func take(_ result: PostgresResult, at now: UInt64) {
        if result.status == PGRES_PIPELINE_SYNC {
            var exchange = exchanges[head]
            exchange.outcome.duration = now &- exchange.startedAt
            head += 1
            if isIdle {
                exchanges.removeAll(keepingCapacity: true)
                head = 0
            } else if head > 64 {
                exchanges.removeFirst(head)
                head = 0
            }
            if !isIdle { exchanges[head].startedAt = now }
            return exchange.complete(exchange.outcome)
        }
        if let request = exchanges[head].group?.first { return take(result, of: request) }
        guard let command = exchanges[head].commands.first else { return }
        switch result.status {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK: succeed(command, result)
        case PGRES_EMPTY_QUERY: fail(command, Self.empty, result)
        default: fail(command, StorageError(result), result)
        }
    }

    private static let empty = StorageError(.failed, message: "the text holds no statement")

    private func take(_ result: PostgresResult, of request: Request) {
        switch result.status {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
            // What a reader throws is kept by the request.
            try? request.receive(result)
        case PGRES_PIPELINE_ABORTED: exchanges[head].outcome.isPassedOver = true
        case PGRES_EMPTY_QUERY: exchanges[head].outcome.error = Self.empty
        default:
            exchanges[head].outcome.error = exchanges[head].outcome.error ?? StorageError(result)
            exchanges[head].outcome.isStalePlan = result.isStalePlan
        }
    }

    private func succeed(_ command: Command, _ result: PostgresResult) {
        switch command {
        case .text(let text):
            let tag = PQcmdStatus(result.handle).map { String(cString: $0) } ?? ""
            if text == "COMMIT", tag == "ROLLBACK" { exchanges[head].outcome.wasRolledBack = true }
            if text == Self.positionText, result.rowCount == 1, PQgetlength(result.handle, 0, 0) == 8 {
                exchanges[head].outcome.position = UnsafeRawBufferPointer(start: PQgetvalue(result.handle, 0, 0), count: 8)
                    .bigEndian(UInt64.self)
            }
            if tag == "BEGIN" { exchanges[head].outcome.hasBegun = true }
        case .prepare: break
        case .describe(let sql, _): learned(sql, result.parameterTypes)
        case .execute:
            do {
                try exchanges[head].receive(result)
                exchanges[head].outcome.executions += 1
            } catch {
                // What a reader throws is kept by whoever asked.
            }
        }
    }

    private func fail(_ command: Command, _ error: StorageError, _ result: PostgresResult) {
        // What was passed over was not prepared either.
        if case .prepare(let sql, _, _) = command { prepared.remove(sql) }
        guard result.status != PGRES_PIPELINE_ABORTED, exchanges[head].outcome.error == nil else { return }
        var error = error
        // What a server that is in recovery says of BEGIN … READ WRITE is «not supported».
        if case .text(let text) = command, text.hasPrefix("BEGIN"), result.field(.state) == "0A000" { error.code = .readOnly }
        exchanges[head].outcome.error = error
        if case .execute = command {
            exchanges[head].outcome.failedExecution = exchanges[head].outcome.executions
            exchanges[head].outcome.isStalePlan = result.isStalePlan
        }
    }
}
