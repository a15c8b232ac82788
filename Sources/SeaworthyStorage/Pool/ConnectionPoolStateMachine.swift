/// Who gets which connection of a pool, and when connections are opened and closed. Pure: it returns what has to be done, and time is
/// handed in, as nanoseconds of a monotonic clock.
///
/// A use is `shared`, one statement among others on the same connection, or `exclusive`, a connection for oneself, as a transaction needs.
/// Uses are served in the order in which they came: one that has to wait lets nobody past.
package struct ConnectionPoolStateMachine {
    package struct Settings: Sendable {
        /// Connections at most; fewer than one counts as one.
        package var size = 10
        /// Uses that may wait; the next is refused.
        package var queueLimit = 1_024
        /// How long a use may wait.
        package var waitTimeout: Duration = .seconds(5)
        /// Statements that may be under way on one connection at once.
        package var pipelineDepth = 16
        /// After how long without use a connection is closed; one stays.
        package var idleTimeout: Duration = .seconds(300)
        /// After how long a connection is closed at its next chance, or up to a fifth sooner, so that not all go at once: what a
        /// connection has gathered in memory goes with it, and new ones find their way to servers that have come back.
        package var lifetime: Duration = .seconds(1800)
        /// After how long without use a connection has to answer before it is lent again: a firewall may have forgotten it.
        package var checkInterval: Duration = .seconds(30)
        /// The pause behind the first failed attempt to connect. It doubles with each, up to ``maximumBackoff``.
        package var backoff: Duration = .milliseconds(50)
        package var maximumBackoff: Duration = .seconds(2)

        package init() {}
    }

    package enum Use: Sendable, Equatable {
        case shared
        case exclusive
    }

    package enum Refusal: Sendable, Equatable {
        case queueFull
        case timedOut
        case closed
    }

    package enum Action: Sendable, Equatable {
        /// Open a connection, and say what came of it by ``opened(_:at:)`` or ``openFailed(_:at:)``.
        case open(connection: Int)
        /// Let the use have the connection until ``finished(on:use:at:)``.
        case lend(connection: Int, to: UInt64)
        /// Ask whether the connection still answers, and say so by ``checked(_:at:)`` or ``lost(_:at:)``.
        case check(connection: Int)
        case refuse(UInt64, Refusal)
        /// Close a connection that nobody uses. It is forgotten already.
        case close(connection: Int)
        /// Nothing is left: no connection, and nobody who waits.
        case stopped
    }

    private struct Connection {
        var isOpen = false
        var expiresAt: UInt64 = 0
        var idleSince: UInt64 = 0
        /// It is asked whether it still answers.
        var isChecking = false
        /// Uses under way; an exclusive one is alone.
        var uses = 0
        var isExclusive = false
        /// A statement on it takes long, so that nothing is put behind it.
        var isSlow = false

        var isIdle: Bool { isOpen && uses == 0 && !isChecking }
    }

    private struct Waiter {
        var id: UInt64
        var use: Use
        var deadline: UInt64
    }

    private let settings: Settings
    private var connections: [Int: Connection] = [:]
    private var nextConnection = 0
    private var waiters: [Waiter] = []
    private var head = 0
    private var failures = 0
    private var retryAt: UInt64 = 0
    private var isClosing = false
    private var counts = ConnectionPoolStatistics()

    package init(_ settings: Settings) {
        var settings = settings
        settings.size = max(settings.size, 1)
        settings.pipelineDepth = max(settings.pipelineDepth, 1)
        self.settings = settings
    }

    // MARK: What is seen

    package var waitingCount: Int { waiters.count - head }
    package var openCount: Int { connections.values.count { $0.isOpen } }
    package var usedCount: Int { connections.values.count { $0.uses > 0 } }
    package var isEmpty: Bool { connections.isEmpty && waitingCount == 0 }

    package var statistics: ConnectionPoolStatistics {
        var statistics = counts
        statistics.size = settings.size
        statistics.waiting = waitingCount
        for entry in connections.values {
            if !entry.isOpen {
                statistics.opening += 1
            } else if entry.uses > 0 {
                statistics.used += 1
            } else {
                statistics.idle += 1
            }
        }
        return statistics
    }

    // MARK: Uses

    package mutating func request(_ id: UInt64, _ use: Use, at now: UInt64) -> [Action] {
        guard !isClosing else { return [.refuse(id, .closed)] }
        guard waitingCount < settings.queueLimit else {
            counts.refused += 1
            return [.refuse(id, .queueFull)]
        }
        waiters.append(Waiter(id: id, use: use, deadline: now &+ settings.waitTimeout.nanoseconds))
        return serve(at: now)
    }

    /// Puts a shared use beside those of a connection, past the choice of the least used one; false when nobody may join it now: others
    /// wait, or it has as many uses as it may, or another may still be opened.
    package mutating func join(_ connection: Int) -> Bool {
        guard !isClosing, waitingCount == 0, connections.count >= settings.size, let entry = connections[connection], entry.isOpen,
            entry.uses > 0, !entry.isExclusive, !entry.isSlow, entry.uses < settings.pipelineDepth
        else { return false }
        connections[connection]?.uses += 1
        return true
    }

    /// Takes a waiting use out; false when it does not wait.
    package mutating func cancel(_ id: UInt64, at now: UInt64) -> (wasWaiting: Bool, actions: [Action]) {
        guard let index = waiters[head...].firstIndex(where: { $0.id == id }) else { return (false, []) }
        waiters.remove(at: index)
        return (true, serve(at: now))
    }

    /// A use has ended, and the connection is good.
    package mutating func finished(on connection: Int, at now: UInt64) -> [Action] {
        guard var entry = connections[connection] else { return [] }
        entry.uses = max(entry.uses - 1, 0)
        if entry.uses == 0 {
            entry.isExclusive = false
            entry.isSlow = false
            entry.idleSince = now
        }
        connections[connection] = entry
        if entry.uses == 0, isClosing || now >= entry.expiresAt {
            forget(connection)
            return [.close(connection: connection)] + serve(at: now) + stopIfEmpty()
        }
        return serve(at: now)
    }

    /// What runs on a shared connection takes long: nothing more is put behind it until it is done.
    package mutating func isSlow(_ connection: Int) {
        connections[connection]?.isSlow = true
    }

    // MARK: Connections

    /// - Parameter jitter: 0 to 1: how much sooner than at the end of its lifetime the connection goes.
    package mutating func opened(_ connection: Int, at now: UInt64, jitter: Double = 0) -> [Action] {
        guard connections[connection] != nil else { return [.close(connection: connection)] }
        failures = 0
        retryAt = 0
        counts.created += 1
        guard !isClosing else {
            forget(connection)
            return [.close(connection: connection)] + stopIfEmpty()
        }
        let lifetime = settings.lifetime.nanoseconds
        let expiresAt = now &+ lifetime &- UInt64(Double(lifetime / 5) * min(max(jitter, 0), 1))
        connections[connection] = Connection(isOpen: true, expiresAt: expiresAt, idleSince: now)
        return serve(at: now)
    }

    /// The connection answered: it is as good as one that was just used.
    package mutating func checked(_ connection: Int, at now: UInt64) -> [Action] {
        guard connections[connection] != nil else { return [] }
        guard !isClosing else {
            forget(connection)
            return [.close(connection: connection)] + stopIfEmpty()
        }
        connections[connection]?.isChecking = false
        connections[connection]?.idleSince = now
        return serve(at: now)
    }

    /// - Parameter jitter: 0 to 1, so that many servers do not come back at the same moment.
    package mutating func openFailed(_ connection: Int, at now: UInt64, jitter: Double) -> [Action] {
        guard connections.removeValue(forKey: connection) != nil else { return [] }
        failures += 1
        counts.failed += 1
        let doubled = settings.backoff.nanoseconds << UInt64(min(failures - 1, 16))
        let pause = min(doubled, settings.maximumBackoff.nanoseconds)
        retryAt = now &+ pause / 2 &+ UInt64(Double(pause / 2) * min(max(jitter, 0), 1))
        return serve(at: now) + stopIfEmpty()
    }

    /// The connection is gone, with everything that was under way on it.
    package mutating func lost(_ connection: Int, at now: UInt64) -> [Action] {
        guard connections.removeValue(forKey: connection) != nil else { return [] }
        counts.lost += 1
        return serve(at: now) + stopIfEmpty()
    }

    // MARK: Time

    /// When ``tick(at:)`` has something to do; nil when never.
    package var nextDeadline: UInt64? {
        var next: UInt64?
        func consider(_ time: UInt64) { next = min(next ?? .max, time) }
        if head < waiters.count {
            consider(waiters[head].deadline)
            if retryAt > 0 { consider(retryAt) }
        }
        if openCount > 1 {
            for entry in connections.values where entry.isIdle { consider(endOfIdling(entry)) }
        }
        return next
    }

    package mutating func tick(at now: UInt64) -> [Action] {
        var actions: [Action] = []
        while head < waiters.count, waiters[head].deadline <= now {
            actions.append(.refuse(waiters[head].id, .timedOut))
            counts.timedOut += 1
            head += 1
        }
        compact()
        for (id, entry) in connections.sorted(by: { $0.value.idleSince < $1.value.idleSince })
        where entry.isIdle && openCount > 1 && endOfIdling(entry) <= now {
            forget(id)
            actions.append(.close(connection: id))
        }
        return actions + serve(at: now)
    }

    // MARK: End

    /// Refuses what waits and what comes; connections are closed as they come free.
    package mutating func close(at now: UInt64) -> [Action] {
        guard !isClosing else { return [] }
        isClosing = true
        var actions = waiters[head...].map { Action.refuse($0.id, .closed) }
        waiters = []
        head = 0
        for (id, entry) in connections.sorted(by: { $0.key < $1.key }) where entry.isIdle {
            forget(id)
            actions.append(.close(connection: id))
        }
        return actions + stopIfEmpty()
    }

    private func stopIfEmpty() -> [Action] {
        isClosing && connections.isEmpty ? [.stopped] : []
    }

    // MARK: Serving

    private mutating func serve(at now: UInt64) -> [Action] {
        var actions: [Action] = []
        while head < waiters.count {
            let waiter = waiters[head]
            guard let connection = connection(for: waiter.use) else { break }
            if let entry = connections[connection], entry.uses == 0, now &- entry.idleSince >= settings.checkInterval.nanoseconds {
                // The next free one may do, or one that is opened meanwhile.
                connections[connection]?.isChecking = true
                actions.append(.check(connection: connection))
                continue
            }
            connections[connection]?.uses += 1
            connections[connection]?.isExclusive = waiter.use == .exclusive
            head += 1
            actions.append(.lend(connection: connection, to: waiter.id))
        }
        compact()
        return actions + grow(at: now)
    }

    /// The connection that the next use gets: one that nobody uses, the last used first, so that others grow idle; for a shared use
    /// otherwise the one with the fewest under way, unless another may still be opened.
    private func connection(for use: Use) -> Int? {
        var free: (number: Int, idleSince: UInt64)?
        var least: (number: Int, uses: Int)?
        for (number, entry) in connections where entry.isOpen && !entry.isExclusive && !entry.isChecking {
            if entry.uses == 0 {
                if free.map({ (entry.idleSince, $0.number) > ($0.idleSince, number) }) ?? true { free = (number, entry.idleSince) }
            } else if use == .shared, !entry.isSlow, entry.uses < settings.pipelineDepth {
                if least.map({ (entry.uses, number) < ($0.uses, $0.number) }) ?? true { least = (number, entry.uses) }
            }
        }
        return free?.number ?? least?.number
    }

    /// Opens another connection while all that are there have something to do and somebody came for one.
    private mutating func grow(at now: UInt64) -> [Action] {
        guard !isClosing, connections.count < settings.size, now >= retryAt else { return [] }
        let opening = connections.values.count { !$0.isOpen || $0.isChecking }
        let isBusy = connections.values.allSatisfy { !$0.isIdle }
        // As many as wait, and one where statements are put behind one another.
        let isShared = connections.values.contains { $0.uses > 1 }
        let wanted = max(waitingCount, isBusy && isShared ? 1 : 0)
        // One at a time while it is not known whether the server takes any: behind a failure, and while none is open.
        let isUnknown = failures > 0 || !connections.values.contains(where: \.isOpen)
        let count = min(isUnknown ? min(wanted, 1) - opening : wanted - opening, settings.size - connections.count)
        guard isBusy, count > 0 else { return [] }
        return (0..<count).map { _ in
            defer { nextConnection += 1 }
            connections[nextConnection] = Connection()
            return .open(connection: nextConnection)
        }
    }

    private func endOfIdling(_ entry: Connection) -> UInt64 {
        min(entry.idleSince &+ settings.idleTimeout.nanoseconds, entry.expiresAt)
    }

    private mutating func forget(_ connection: Int) {
        connections[connection] = nil
        counts.closed += 1
    }

    private mutating func compact() {
        guard head > 64 || head == waiters.count else { return }
        waiters.removeFirst(head)
        head = 0
    }
}
