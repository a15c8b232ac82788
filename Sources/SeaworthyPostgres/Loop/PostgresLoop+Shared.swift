import SeaworthySQL
import SeaworthyStorage
import Synchronization

/// Statements that only read, many on one connection.
extension PostgresLoop {
    /// How often a statement is sent again when its connection broke, or when another's end met it: it only reads, so that changes nothing.
    private static let maximumAttempts = 5

    /// Statements that go together at most.
    private static let groupLimit = 16

    /// Puts a short statement into the group that is about to be sent, past the pool's choice; false when there is none, or no room in it.
    func joinGroup(_ request: Request) -> Bool {
        guard let connection = groups.last, connection.openGroupCount < Self.groupLimit, let statement = known[request.sql],
            statement.isShort, let name = connection.name(of: request.sql), pool.join(connection.number)
        else { return false }
        request.statement = statement
        begin(request, on: connection.number)
        join(request, statement, name: name, on: connection)
        return true
    }

    func send(_ request: Request, on number: Int) {
        guard let connection = connections[number] else { return }
        request.statement = known[request.sql]
        begin(request, on: number)
        if readSetting.isEmpty, let statement = request.statement, let name = connection.name(of: request.sql) {
            let goesAlone = request.goesAlone || !statement.isShort
            // A group that is full, or that this one is not to go with.
            if goesAlone || connection.openGroupCount >= Self.groupLimit { endGroup(on: connection) }
            join(request, statement, name: name, on: connection)
            if goesAlone { endGroup(on: connection) }
            return
        }
        do throws(StorageError) {
            try send(
                request.sql, rows: [request.parameters], setting: readSetting, isWanted: { !request.isAbandoned }, on: connection,
                receive: request.receive, complete: { [unowned self] outcome in complete(request, outcome, on: number) })
        } catch {
            refuse(request, error, on: connection)
        }
    }

    private func begin(_ request: Request, on number: Int) {
        shared[number, default: []].append(request)
        request.startedAt = now
        if request.attempts == 0 {
            request.firstStartedAt = now
            metrics.waited(now - request.queuedAt)
            request.wait?.end()
        }
        request.attempts += 1
        // Nothing is put behind what is known to take long.
        if request.isSuspect || request.statement?.duration ?? 0 >= settings.slowTime.nanoseconds { pool.isSlow(number) }
    }

    /// What could not be sent.
    private func refuse(_ request: Request, _ error: StorageError, on connection: PostgresConnection) {
        if error.code == .disconnected { return lose(connection, error) }
        request.fail(error)
        finish(request, on: connection)
    }

    // MARK: Groups

    private func join(_ request: Request, _ statement: KnownStatement, name: String, on connection: PostgresConnection) {
        do throws(StorageError) {
            try parameters.fill(request.parameters, types: statement.types)
            if connection.openGroupCount == 0 { groups.append(connection) }
            try connection.join(request, name: name, parameters, at: now)
        } catch {
            if connection.openGroupCount == 0 { groups.removeAll { $0 === connection } }
            refuse(request, error, on: connection)
        }
    }

    private func endGroup(on connection: PostgresConnection) {
        groups.removeAll { $0 === connection }
        do throws(StorageError) {
            try connection.endGroup()
        } catch {
            lose(connection, error)
        }
    }

    /// Sends what has come together since the last time.
    func sendGroups() {
        while let connection = groups.popLast() { endGroup(on: connection) }
    }

    // MARK: Ends

    /// A shared statement has ended.
    func complete(_ request: Request, _ outcome: PostgresConnection.Outcome, on number: Int) {
        guard let connection = connections[number] else { return }
        defer { finish(request, on: connection) }
        if outcome.isPassedOver {
            // It did not run, so this was no attempt.
            request.attempts -= 1
            request.goesAlone = true
            return request.isAbandoned ? () : sendAgain(request, orFailWith: CancellationError())
        }
        if outcome.error == nil { request.statement?.took(outcome.duration) }
        observe(request, outcome.duration, outcome.error)
        guard !request.isAbandoned else { return }
        guard let error = outcome.error else { return request.succeed() }
        if outcome.isStalePlan {
            connection.forget(request.sql)
            known.forget(request.sql)
            return sendAgain(request, orFailWith: error)
        }
        switch error.code {
        case .statementTimeout where !isPastTime(request):
            // Somebody else's statement was to end, and this one came in between, or its group took too long.
            request.goesAlone = true
            request.isSuspect = outcome.duration >= settings.companyTime.nanoseconds
            sendAgain(request, orFailWith: error)
        case .disconnected, .serializationFailure: sendAgain(request, orFailWith: error)
        default: request.fail(error)
        }
    }

    private func isPastTime(_ request: Request) -> Bool {
        Double(now - request.startedAt) >= Double(settings.statementTimeout.nanoseconds) * 0.9
    }

    private func finish(_ request: Request, on connection: PostgresConnection) {
        guard connections[connection.number] === connection else { return }
        // Most often it is the first.
        if let index = shared[connection.number]?.firstIndex(where: { $0 === request }) { shared[connection.number]?.remove(at: index) }
        // One that nobody waits for any more must not keep those behind it.
        if let next = shared[connection.number]?.first, next.isAbandoned { connection.cancel(at: now) }
        perform(pool.finished(on: connection.number, at: now))
    }

    func sendAgain(_ request: Request, orFailWith error: any Error) {
        // One that took as long as a statement may has one more chance, on another connection.
        let isLate = request.attempts > 1 && now - request.firstStartedAt >= settings.statementTimeout.nanoseconds
        guard request.attempts < Self.maximumAttempts, !isLate else { return request.fail(error) }
        guard !request.isCancelled.load(ordering: .relaxed) else { return request.fail(CancellationError()) }
        waitingRequests[request.id] = request
        perform(pool.request(request.id, .shared, at: now))
    }

    /// Asks a connection that was idle for long whether it is there. It is not lent meanwhile.
    func check(_ number: Int) {
        guard let connection = connections[number] else { return }
        checks[number] = now &+ settings.checkTimeout.nanoseconds
        do throws(StorageError) {
            try connection.send([.text("SELECT 1")], at: now) { [unowned self, unowned connection] outcome in
                checks[number] = nil
                if let error = outcome.error { return lose(connection, error) }
                perform(pool.checked(number, at: now))
            }
        } catch {
            lose(connection, error)
        }
    }

    /// Nothing more is put behind statements that take long.
    func markSlow() {
        for (number, requests) in shared where !requests.isEmpty {
            guard let start = connections[number]?.oldestStart, now > start, now - start > settings.slowTime.nanoseconds else { continue }
            pool.isSlow(number)
        }
    }

    /// Whether the server may be working at it.
    private func isAtWork(on request: Request, _ number: Int) -> Bool {
        shared[number]?.first === request || connections[number]?.groupAtWork.contains { $0 === request } ?? false
    }

    /// When what the server works at is ended for the sake of others on the connection; nil where there are none.
    func companyDeadline(of connection: PostgresConnection) -> UInt64? {
        guard shared[connection.number]?.count ?? 0 > 1, let start = connection.oldestStart else { return nil }
        return start &+ settings.companyTime.nanoseconds
    }

    func cancel(_ request: Request) {
        if waitingRequests.removeValue(forKey: request.id) != nil {
            request.fail(CancellationError())
            return perform(pool.cancel(request.id, at: now).actions)
        }
        for (number, requests) in shared where requests.contains(where: { $0 === request }) {
            guard !request.isAbandoned else { return }
            request.isAbandoned = true
            request.fail(CancellationError())
            if isAtWork(on: request, number) { connections[number]?.cancel(at: now) }
            return
        }
        cancelLeased(request)
    }
}
