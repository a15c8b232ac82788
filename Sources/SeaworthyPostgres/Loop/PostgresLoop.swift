import CPostgreSQL
import SeaworthySQL
import SeaworthyStorage
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The thread that owns every connection: it sends what tasks ask for, waits for all sockets at once, and reads what comes.
///
/// Nothing on it ever waits for one connection: connecting and cancelling, where libpq does, have threads of their own.
// @unchecked Sendable: `inbox` has a lock of its own; every other `var` is used by the loop's thread only.
final class PostgresLoop: @unchecked Sendable {
    enum Event {
        case query(Request)
        case cancel(Request)
        case acquire(Lease, CheckedContinuation<Void, any Error>)
        case run(Request, Lease)
        case end(Lease, commits: Bool, CheckedContinuation<Void, any Error>?)
        case cancelLease(Lease)
        case opened(Int, Result<OpenedConnection, StorageError>)
        case asked(at: UInt64, isSilent: Bool)
        case close
    }

    private struct Inbox {
        var events: [Event] = []
        var isAwake = false
        var hasStopped = false
    }

    let settings: PostgresSettings
    let metrics: DatabaseMetrics
    private let slowStatements: SlowStatementWatch?
    private let inbox = Mutex(Inbox())
    private let lastStatistics = Mutex(ConnectionPoolStatistics())
    private let wakeRead: Int32
    private let wakeWrite: Int32
    private let whenStopped: @Sendable () -> Void

    // The loop's thread.
    var pool: ConnectionPoolStateMachine
    var connections: [Int: PostgresConnection] = [:]
    var waitingRequests: [UInt64: Request] = [:]
    var waitingLeases: [UInt64: Lease] = [:]
    var leases: [ObjectIdentifier: Lease] = [:]
    /// The shared requests under way on each connection, in the order in which they were sent.
    var shared: [Int: [Request]] = [:]
    var known: KnownStatements
    /// Connections with a group that has not been sent; the last one takes more.
    var groups: [PostgresConnection] = []
    /// Used again for each statement.
    var parameters = ParameterBlock()
    /// Sets the transaction of a statement outside of one.
    let readSetting: [PostgresConnection.Command]
    /// The server is asked whether it takes connections, and when it was last.
    var isAsking = false
    var askedAt: UInt64 = 0
    /// Until when connections that are asked whether they are there have to answer.
    var checks: [Int: UInt64] = [:]
    var lastConnectFailure: StorageError?
    private(set) var now: UInt64 = 0
    /// What is waited for, kept for its memory: the sockets, and whose each but the first is.
    private var sockets: [pollfd] = []
    private var owners: [PostgresConnection] = []
    private var isRunning = true

    /// - Parameter whenStopped: called on the loop's thread as its last act.
    init(_ settings: PostgresSettings, whenStopped: @escaping @Sendable () -> Void) throws(StorageError) {
        self.settings = settings
        self.whenStopped = whenStopped
        metrics = DatabaseMetrics(system: "postgresql", pool: settings.poolName)
        slowStatements = settings.slowStatementObserver.map { observer in
            SlowStatementWatch(threshold: settings.slowStatementTime, observer: observer) { await StatementPlan.explain($0, settings) }
        }
        readSetting = settings.localSession(isReadOnly: true).map { [.text($0)] } ?? []
        pool = ConnectionPoolStateMachine(settings.pool)
        known = KnownStatements(shortTime: settings.shortTime.nanoseconds)
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            throw StorageError(.failed, message: "no pipe for the database's thread: \(String(cString: strerror(errno)))")
        }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        wakeRead = ends[0]
        wakeWrite = ends[1]
    }

    func start() throws(StorageError) {
        try startThread {
            _ = seaworthy_postgres_name_thread("postgres")
            self.loop()
        }
    }

    // MARK: From other threads

    func submit(_ event: Event) {
        let (wakes, isRefused) = inbox.withLock { inbox in
            if inbox.hasStopped { return (false, true) }
            inbox.events.append(event)
            defer { inbox.isAwake = true }
            return (!inbox.isAwake, false)
        }
        if wakes {
            var byte: UInt8 = 0
            _ = write(wakeWrite, &byte, 1)
        }
        if isRefused { refuse(event) }
    }

    private func refuse(_ event: Event) {
        let closed = StorageError(.closed, message: "the database is closed")
        switch event {
        case .query(let request), .run(let request, _): request.fail(closed)
        case .acquire(_, let continuation): continuation.resume(throwing: closed)
        case .end(_, _, let continuation): continuation?.resume(throwing: closed)
        case .opened(_, .success(let opened)): opened.close()
        case .cancel, .cancelLease, .opened, .asked, .close: break
        }
    }

    // MARK: The thread

    private func loop() {
        while isRunning {
            now = Deadline.now.nanoseconds
            let events = takeEvents()
            if !events.isEmpty { markSlow() }
            for event in events { take(event) }
            perform(pool.tick(at: now))
            watchTimes()
            watchSilence()
            sendGroups()
            reportStatistics()
            guard isRunning else { break }
            wait()
        }
        // Whoever still holds a statement that no connection serves any more.
        let late = inbox.withLock { inbox in
            inbox.hasStopped = true
            defer { inbox.events = [] }
            return inbox.events
        }
        for event in late { refuse(event) }
        systemClose(wakeRead)
        systemClose(wakeWrite)
        whenStopped()
    }

    // MARK: Watching

    /// The pool as it was when the loop last had something to do.
    var statistics: ConnectionPoolStatistics { lastStatistics.withLock { $0 } }

    private func reportStatistics() {
        let statistics = pool.statistics
        let last = lastStatistics.withLock { last in
            defer { last = statistics }
            return last
        }
        if statistics != last { metrics.report(statistics, since: last) }
    }

    func observe(_ request: Request, _ nanoseconds: UInt64, _ error: (any Error)?) {
        metrics.ran(request.operation, nanoseconds)
        slowStatements?.ran(request.sql.text, nanoseconds: nanoseconds, rows: request.rowCount, error: error)
    }

    private func takeEvents() -> [Event] {
        inbox.withLock { inbox in
            inbox.isAwake = false
            defer { inbox.events.removeAll(keepingCapacity: inbox.events.count < 1024) }
            return inbox.events
        }
    }

    private func wait() {
        sockets.removeAll(keepingCapacity: true)
        // A connection is closed with its last reference.
        defer { owners.removeAll(keepingCapacity: true) }
        sockets.append(pollfd(fd: wakeRead, events: Int16(POLLIN), revents: 0))
        for connection in connections.values {
            sockets.append(
                pollfd(fd: connection.socket, events: Int16(POLLIN | (connection.wantsToWrite ? POLLOUT : 0)), revents: 0))
            owners.append(connection)
        }
        let count = poll(&sockets, nfds_t(sockets.count), timeoutInMilliseconds)
        now = Deadline.now.nanoseconds
        guard count > 0 else { return }
        if sockets[0].revents != 0 {
            withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { bytes in
                while read(wakeRead, bytes.baseAddress, bytes.count) == bytes.count {}
            }
        }
        for (index, owner) in owners.enumerated() where sockets[index + 1].revents != 0 && connections[owner.number] === owner {
            serve(owner, canWrite: sockets[index + 1].revents & Int16(POLLOUT) != 0)
        }
    }

    private var timeoutInMilliseconds: Int32 {
        guard let next = nextDeadline else { return -1 }
        guard next > now else { return 0 }
        return Int32(clamping: (next - now) / 1_000_000 + 1)
    }

    private func serve(_ connection: PostgresConnection, canWrite: Bool) {
        do throws(StorageError) {
            if canWrite { try connection.flush() }
            try connection.receive(at: now)
            if connection.wantsToWrite { try connection.flush() }
        } catch {
            lose(connection, error)
        }
    }

    private func take(_ event: Event) {
        switch event {
        case .query(let request):
            // The word of its end may have come before it.
            guard !request.isCancelled.load(ordering: .relaxed) else { return request.fail(CancellationError()) }
            request.queuedAt = now
            guard !joinGroup(request) else { return }
            waitingRequests[request.id] = request
            perform(pool.request(request.id, .shared, at: now))
        case .acquire(let lease, let continuation):
            guard !lease.request.isCancelled.load(ordering: .relaxed) else { return continuation.resume(throwing: CancellationError()) }
            lease.continuation = continuation
            lease.request.queuedAt = now
            waitingLeases[lease.request.id] = lease
            perform(pool.request(lease.request.id, .exclusive, at: now))
        case .cancel(let request): cancel(request)
        case .run(let request, let lease): run(request, on: lease)
        case .end(let lease, let commits, let continuation): end(lease, commits: commits, continuation)
        case .cancelLease(let lease): cancelWaiting(lease)
        case .opened(let number, let result): take(number, result)
        case .asked(let time, let isSilent): take(asked: time, isSilent: isSilent)
        case .close: perform(pool.close(at: now))
        }
    }

    private func take(_ number: Int, _ result: Result<OpenedConnection, StorageError>) {
        switch result {
        case .success(let opened):
            lastConnectFailure = nil
            connections[number] = PostgresConnection(opened, number: number, settings: settings) {
                [unowned self] sql, types in
                known.learn(sql, types: types)
            } completed: { [unowned self] request, outcome in
                complete(request, outcome, on: number)
            }
            shared[number] = []
            perform(pool.opened(number, at: now, jitter: .random(in: 0...1)))
        case .failure(let error):
            lastConnectFailure = error
            perform(pool.openFailed(number, at: now, jitter: .random(in: 0...1)))
        }
    }

    // MARK: The pool's wishes

    func perform(_ actions: [ConnectionPoolStateMachine.Action]) {
        for action in actions {
            switch action {
            case .open(let number): open(number)
            case .lend(let number, let id):
                if let request = waitingRequests.removeValue(forKey: id) {
                    send(request, on: number)
                } else if let lease = waitingLeases.removeValue(forKey: id) {
                    lend(number, to: lease)
                }
            case .check(let number): check(number)
            case .refuse(let id, let refusal):
                let error = error(of: refusal)
                waitingRequests.removeValue(forKey: id)?.fail(error)
                if let lease = waitingLeases.removeValue(forKey: id) {
                    lease.phase = .over
                    lease.continuation.take()?.resume(throwing: error)
                }
            case .close(let number):
                connections[number] = nil
                shared[number] = nil
            case .stopped: isRunning = false
            }
        }
    }

    private func error(of refusal: ConnectionPoolStateMachine.Refusal) -> StorageError {
        switch refusal {
        case .queueFull: StorageError(.queueFull, message: "\(settings.pool.queueLimit) statements wait already")
        case .closed: StorageError(.closed, message: "the database is closed")
        case .timedOut:
            if let lastConnectFailure {
                StorageError(.disconnected, message: lastConnectFailure.message)
            } else {
                StorageError(.poolTimeout, message: "no connection came free in time")
            }
        }
    }

    private func open(_ number: Int) {
        let settings = settings
        do throws(StorageError) {
            try startThread { [weak self] in
                _ = seaworthy_postgres_name_thread("postgres-open")
                let result: Result<OpenedConnection, StorageError>
                do throws(StorageError) {
                    result = .success(try OpenedConnection(settings))
                } catch {
                    result = .failure(error)
                }
                if let self {
                    self.submit(.opened(number, result))
                } else if case .success(let opened) = result {
                    opened.close()
                }
            }
        } catch {
            take(number, .failure(error))
        }
    }

    /// The connection broke: what was under way on it has failed, or is sent again where that changes nothing.
    func lose(_ connection: PostgresConnection, _ error: StorageError) {
        guard connections.removeValue(forKey: connection.number) != nil else { return }
        connection.isGivenUp = true
        groups.removeAll { $0 === connection }
        checks[connection.number] = nil
        let requests = shared.removeValue(forKey: connection.number) ?? []
        for lease in leases.values where lease.connection === connection { fail(lease, error) }
        perform(pool.lost(connection.number, at: now))
        for request in requests where !request.isAbandoned { sendAgain(request, orFailWith: error) }
    }
}

/// `close`, which a method of the same name would hide.
private func systemClose(_ descriptor: Int32) {
    _ = close(descriptor)
}
