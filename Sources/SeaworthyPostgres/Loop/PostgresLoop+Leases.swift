import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Synchronization

/// Transactions, each with a connection of its own.
extension PostgresLoop {
    func lend(_ number: Int, to lease: Lease) {
        guard let connection = connections[number] else { return }
        metrics.waited(now - lease.request.queuedAt)
        lease.connection = connection
        lease.wasLent = true
        lease.phase = .open
        lease.idleSince = now
        leases[ObjectIdentifier(lease)] = lease
        connection.isUnlimited = lease.isSession
        let opening = lease.opening
        guard !opening.isEmpty else { return lease.continuation.take()?.resume() ?? () }
        do throws(StorageError) {
            try connection.send(opening, at: now) { [unowned self] outcome in
                lease.hasBegun = outcome.hasBegun
                lease.idleSince = now
                guard let error = outcome.error else { return lease.continuation.take()?.resume() ?? () }
                lease.doom = error
                lease.continuation.take()?.resume(throwing: error)
                end(lease, commits: false, nil)
            }
        } catch {
            lose(connection, error)
        }
    }

    func cancelWaiting(_ lease: Lease) {
        guard waitingLeases.removeValue(forKey: lease.request.id) != nil else { return }
        lease.phase = .over
        lease.continuation.take()?.resume(throwing: CancellationError())
        perform(pool.cancel(lease.request.id, at: now).actions)
    }

    // MARK: Statements

    func run(_ request: Request, on lease: Lease) {
        if let doom = lease.doom { return request.fail(doom) }
        guard lease.phase == .open, let connection = lease.connection else { return request.fail(lease.ending ?? Lease.closed) }
        guard !request.isCancelled.load(ordering: .relaxed) else { return request.fail(CancellationError()) }
        guard lease.running == nil else { return lease.queue.append(request) }
        lease.running = request
        request.startedAt = now
        if let batch = request as? BatchRequest { return run(batch, from: 0, upTo: batch.count, on: lease, connection) }
        let isGuarded = lease.isGuarded(request.sql)
        send(lease, request, rows: [request.parameters], isGuarded: isGuarded, connection) { [unowned self] outcome in
            guard let error = outcome.error else { return finish(lease, request, nil) }
            fail(lease, request, error, outcome, isGuarded: isGuarded)
        }
    }

    private func send(
        _ lease: Lease, _ request: Request, rows: [ArraySlice<Value>], isGuarded: Bool,
        _ connection: PostgresConnection, complete: @escaping (PostgresConnection.Outcome) -> Void
    ) {
        do throws(StorageError) {
            try send(
                request.sql, rows: rows, prefix: lease.begin, isGuarded: isGuarded, on: connection, receive: request.receive
            ) { outcome in
                lease.hasBegun = lease.hasBegun || outcome.hasBegun
                complete(outcome)
            }
        } catch {
            if error.code == .disconnected { return lose(connection, error) }
            finish(lease, request, error)
        }
    }

    /// A statement was refused: it is taken back alone where it can be, otherwise nothing of the transaction stays.
    private func fail(
        _ lease: Lease, _ request: Request, _ error: StorageError, _ outcome: PostgresConnection.Outcome, isGuarded: Bool
    ) {
        // What never went to the server changed nothing there.
        if outcome.isUnsent { return finish(lease, request, error) }
        if request.isEnding, error.code == .statementTimeout {
            let ending: any Error = request.isCancelled.load(ordering: .relaxed) ? CancellationError() : error
            lease.doom = ending
            return finish(lease, request, ending)
        }
        switch error.code {
        case .disconnected: lease.doom = error
        case _ where lease.isSession: break
        case .statementTimeout, .serializationFailure: lease.doom = error
        default:
            guard isGuarded, lease.hasBegun, let connection = lease.connection else {
                lease.doom = error
                break
            }
            takeBack(on: connection)
        }
        finish(lease, request, error)
    }

    private func takeBack(on connection: PostgresConnection) {
        do throws(StorageError) {
            try connection.send(Self.undo, at: now) { _ in }
        } catch {
            lose(connection, error)
        }
    }

    private func finish(_ lease: Lease, _ request: Request, _ error: (any Error)?) {
        guard lease.running === request else { return }
        lease.running = nil
        lease.idleSince = now
        observe(request, now - request.startedAt, error)
        if let error {
            request.fail(error)
        } else {
            lease.hasDone = true
            request.succeed()
        }
        if !lease.queue.isEmpty, lease.phase == .open { run(lease.queue.removeFirst(), on: lease) }
    }

    func cancelLeased(_ request: Request) {
        for lease in leases.values {
            if lease.running === request {
                guard !request.isEnding else { return }
                request.isEnding = true
                lease.connection?.cancel(at: now)
                return
            }
            if let index = lease.queue.firstIndex(where: { $0 === request }) {
                lease.queue.remove(at: index)
                return request.fail(CancellationError())
            }
        }
    }

    // MARK: Batches

    /// Rows that go to the server together; when one is refused, those of its step before it are sent again.
    private static let rowsInOneStep = 200

    private func run(_ batch: BatchRequest, from start: Int, upTo end: Int, on lease: Lease, _ connection: PostgresConnection) {
        guard start < end else {
            return start < batch.count ? run(batch, from: start, upTo: batch.count, on: lease, connection) : finish(lease, batch, nil)
        }
        let step = start..<min(end, start + Self.rowsInOneStep)
        send(lease, batch, rows: step.map(batch.row), isGuarded: true, connection) { [unowned self] outcome in
            guard let error = outcome.error else { return run(batch, from: step.upperBound, upTo: end, on: lease, connection) }
            guard let failed = outcome.failedExecution, !batch.isEnding,
                ![.statementTimeout, .serializationFailure, .disconnected].contains(error.code)
            else { return fail(lease, batch, error, outcome, isGuarded: true) }
            takeBack(on: connection)
            var refusal = error
            refusal.row = step.lowerBound + failed
            keep(batch, step.lowerBound..<(step.lowerBound + failed), on: lease, connection) { [unowned self] in
                guard batch.continuesOnError else { return finish(lease, batch, refusal) }
                batch.refuse(refusal)
                run(batch, from: step.lowerBound + failed + 1, upTo: batch.count, on: lease, connection)
            }
        }
    }

    /// Sends the rows that were taken back with a refused one.
    private func keep(
        _ batch: BatchRequest, _ rows: Range<Int>, on lease: Lease, _ connection: PostgresConnection, then next: @escaping () -> Void
    ) {
        guard !rows.isEmpty else { return next() }
        send(lease, batch, rows: rows.map(batch.row), isGuarded: true, connection) { [unowned self] outcome in
            guard let error = outcome.error else { return next() }
            fail(lease, batch, error, outcome, isGuarded: true)
        }
    }

    // MARK: End

    func end(_ lease: Lease, commits: Bool, _ continuation: CheckedContinuation<Void, any Error>?) {
        guard lease.phase == .open, let connection = lease.connection else {
            return continuation?.resume(throwing: lease.ending ?? lease.doom ?? Lease.closed) ?? ()
        }
        lease.phase = .ending
        refuseQueue(of: lease, with: Lease.closed)
        guard lease.hasBegun || lease.running != nil else {
            over(lease, connection)
            return commits && lease.doom != nil
                ? continuation?.resume(throwing: lease.doom ?? Lease.closed) ?? () : continuation?.resume() ?? ()
        }
        if lease.running != nil { connection.cancel(at: now) }
        let isKept = commits && lease.doom == nil
        lease.continuation = continuation
        lease.isCommitting = isKept
        do throws(StorageError) {
            let asksPosition = isKept && settings.tracksPosition && lease.mode != .read
            try connection.send([.text(isKept ? "COMMIT" : "ROLLBACK")], at: now) { [unowned self] outcome in
                if asksPosition, outcome.error == nil, !outcome.wasRolledBack {
                    lease.hasCommitted = true
                    return
                }
                let continuation = lease.continuation.take()
                over(lease, connection)
                if let error = outcome.error {
                    continuation?.resume(throwing: error)
                } else if commits, !isKept || outcome.wasRolledBack {
                    continuation?.resume(
                        throwing: lease.doom ?? StorageError(.failed, message: "the transaction was rolled back by the server"))
                } else {
                    continuation?.resume()
                }
            }
            guard asksPosition else { return }
            // An exchange of its own, so that COMMIT is done whatever comes of it.
            try connection.send([PostgresConnection.position], at: now) { [unowned self] outcome in
                guard lease.hasCommitted, lease.phase == .ending else { return }
                lease.position = outcome.position
                let continuation = lease.continuation.take()
                over(lease, connection)
                continuation?.resume()
            }
        } catch {
            lose(connection, error)
        }
    }

    private func over(_ lease: Lease, _ connection: PostgresConnection) {
        lease.phase = .over
        lease.connection = nil
        leases[ObjectIdentifier(lease)] = nil
        lease.running.take()?.fail(lease.ending ?? Lease.closed)
        // What a session set and holds goes with its connection.
        guard !lease.isSession else { return lose(connection, Lease.closed) }
        perform(pool.finished(on: connection.number, at: now))
    }

    private func refuseQueue(of lease: Lease, with error: any Error) {
        let queue = lease.queue
        lease.queue = []
        for request in queue { request.fail(error) }
    }

    /// The connection is gone.
    func fail(_ lease: Lease, _ error: StorageError) {
        lease.phase = .over
        lease.connection = nil
        lease.doom = lease.doom ?? error
        lease.ending = lease.ending ?? error
        leases[ObjectIdentifier(lease)] = nil
        lease.running.take()?.fail(error)
        refuseQueue(of: lease, with: error)
        // It is committed; only where in the log is not known.
        if lease.hasCommitted { return lease.continuation.take()?.resume() ?? () }
        var told = error
        if lease.isCommitting { told.message = "the connection broke during the commit, which may have happened or not: \(error.message)" }
        lease.continuation.take()?.resume(throwing: told)
    }

    // MARK: Time

    /// How much longer than its own limit the server may take to end a statement, before the connection is given up.
    private static let grace: UInt64 = 2_000_000_000

    /// How long a statement that was told to end may go on before it is told again: the word may have come before the statement.
    private static let cancelInterval: UInt64 = 50_000_000

    /// Connections whose server works at what nobody waits for any more.
    private var ending: [PostgresConnection] {
        shared.compactMap { number, requests in
            guard let connection = connections[number] else { return nil }
            let isEnding =
                requests.first?.isAbandoned == true || connection.groupAtWork.contains(where: \.isAbandoned)
                || companyDeadline(of: connection).map { now >= $0 } ?? false
            return isEnding ? connection : nil
        }
            + leases.values.compactMap { $0.running?.isEnding == true || ($0.phase == .ending && $0.running != nil) ? $0.connection : nil }
    }

    private var patience: UInt64 { settings.statementTimeout.nanoseconds &+ Self.grace }

    /// When something is due.
    var nextDeadline: UInt64? {
        var next = pool.nextDeadline
        func consider(_ time: UInt64) { next = min(next ?? .max, time) }
        if let time = nextQuestion { consider(time) }
        for deadline in checks.values { consider(deadline) }
        for connection in connections.values where !connection.isUnlimited {
            if let start = connection.oldestStart { consider(start &+ patience) }
            if let deadline = companyDeadline(of: connection), deadline > now { consider(deadline) }
        }
        for connection in ending { consider(connection.cancelledAt &+ Self.cancelInterval) }
        for lease in leases.values where lease.phase == .open {
            if let running = lease.running {
                if running is BatchRequest { consider(running.startedAt &+ settings.statementTimeout.nanoseconds) }
            } else {
                consider(lease.idleSince &+ settings.transactionIdleTimeout.nanoseconds)
            }
        }
        return next
    }

    func watchTimes() {
        for connection in connections.values where !connection.isUnlimited {
            guard let start = connection.oldestStart, now >= start &+ patience else { continue }
            lose(connection, StorageError(.disconnected, message: "the server did not answer in time"))
        }
        for (number, deadline) in checks where now >= deadline {
            guard let connection = connections[number] else { continue }
            lose(connection, StorageError(.disconnected, message: "the connection was idle and does not answer any more"))
        }
        for connection in ending where now >= connection.cancelledAt &+ Self.cancelInterval { connection.cancel(at: now) }
        for lease in Array(leases.values) where lease.phase == .open {
            if let running = lease.running {
                // Each row has the server's limit; all together have the same.
                guard running is BatchRequest, !running.isEnding,
                    now >= running.startedAt &+ settings.statementTimeout.nanoseconds
                else { continue }
                running.isEnding = true
                lease.connection?.cancel(at: now)
            } else if now >= lease.idleSince &+ settings.transactionIdleTimeout.nanoseconds {
                lease.ending = StorageError(
                    .transactionTimeout,
                    message: "the transaction was rolled back: it ran no statement for \(settings.transactionIdleTimeout)")
                end(lease, commits: false, nil)
            }
        }
    }
}
