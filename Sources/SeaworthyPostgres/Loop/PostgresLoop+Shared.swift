import SeaworthySQL
import SeaworthyStorage
import Synchronization

/// Statements that only read, many on one connection.
extension PostgresLoop {
    /// How often a statement is sent again when its connection broke, or when another's end met it: it only reads, so that changes nothing.
    private static let maximumAttempts = 5

    func send(_ request: Request, on number: Int) {
        guard let connection = connections[number] else { return }
        shared[number, default: []].append(request)
        request.startedAt = now
        if request.attempts == 0 {
            request.firstStartedAt = now
            metrics.waited(now - request.queuedAt)
        }
        request.attempts += 1
        do throws(StorageError) {
            let isWanted = { !request.isAbandoned }
            try send(
                request.sql, rows: [request.parameters], setting: readSetting, isWanted: isWanted, on: connection, receive: request.receive
            ) { [unowned self, unowned connection] outcome in
                complete(request, outcome, on: connection)
            }
        } catch {
            if error.code == .disconnected { return lose(connection, error) }
            request.fail(error)
            finish(request, on: connection)
        }
    }

    private func complete(_ request: Request, _ outcome: PostgresConnection.Outcome, on connection: PostgresConnection) {
        defer { finish(request, on: connection) }
        observe(request, outcome.duration, outcome.error)
        guard !request.isAbandoned else { return }
        guard let error = outcome.error else { return request.succeed() }
        if outcome.isStalePlan {
            connection.forget(request.sql)
            types[request.sql] = nil
            return sendAgain(request, orFailWith: error)
        }
        switch error.code {
        case .statementTimeout where !isPastTime(request):
            // Somebody else's statement was to end, and this one came in between.
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
        shared[connection.number]?.removeAll { $0 === request }
        // One that nobody waits for any more must not keep those behind it.
        if let next = shared[connection.number]?.first, next.isAbandoned { connection.cancel(at: now) }
        perform(pool.finished(on: connection.number, at: now))
    }

    func sendAgain(_ request: Request, orFailWith error: StorageError) {
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

    func cancel(_ request: Request) {
        if waitingRequests.removeValue(forKey: request.id) != nil {
            request.fail(CancellationError())
            return perform(pool.cancel(request.id, at: now).actions)
        }
        for (number, requests) in shared where requests.contains(where: { $0 === request }) {
            guard !request.isAbandoned else { return }
            request.isAbandoned = true
            request.fail(CancellationError())
            if requests.first === request { connections[number]?.cancel(at: now) }
            return
        }
        cancelLeased(request)
    }
}
