/// Which mail is tried when, and when one is given up. Pure: time is handed in, as nanoseconds of a monotonic clock, and chance as a number.
///
/// One is tried at a time. What the server says of a mail holds back that mail; that the server cannot be reached holds back all of them, so
/// that it is not asked a thousand times. Those tried least go first, so that one mail that breaks the connection keeps nobody waiting.
struct MailQueueStateMachine<Mail: Sendable>: Sendable {
    enum Refusal: Error, Equatable {
        case queueFull
        case closed
    }

    enum Step: Sendable {
        /// Try this one, and say what came of it by its number.
        case deliver(number: UInt64, Mail)
        /// Nothing is due before this time; nil: before something is accepted.
        case wait(until: UInt64?)
        /// It is ending, and everything was tried.
        case finished
    }

    /// What a failed attempt led to.
    struct Setback: Sendable {
        /// After which time the mail is tried again; nil when it is not, also because all ends.
        var pause: UInt64?
        /// Those that are not tried any more, with how often each was: this one, and others whose time is over before the server is tried again.
        var givenUp: [(mail: Mail, attempts: Int)] = []
    }

    private struct Entry {
        var mail: Mail
        var bytes: Int
        var attempts = 0
        var dueAt: UInt64
        var deadline: UInt64
        /// It had its attempt at the end.
        var isLost = false
    }

    private let settings: MailQueueSettings
    private var entries: [UInt64: Entry] = [:]
    private var nextNumber: UInt64 = 0
    private var bytes = 0
    private var heldBackUntil: UInt64 = 0
    /// Attempts in a row that did not reach the server.
    private var unreached = 0
    private(set) var isEnding = false

    init(_ settings: MailQueueSettings) {
        self.settings = settings
    }

    /// Mails that are waiting, or being tried.
    var count: Int { entries.count }

    mutating func accept(_ mail: Mail, bytes size: Int, at now: UInt64) throws(Refusal) {
        guard !isEnding else { throw .closed }
        guard entries.count < settings.limit, bytes + size <= settings.byteLimit else { throw .queueFull }
        entries[nextNumber] = Entry(mail: mail, bytes: size, dueAt: now, deadline: now + settings.patience.nanoseconds)
        nextNumber += 1
        bytes += size
    }

    /// What is to be done. A mail that is being tried has to be reported on before this is asked again.
    func next(at now: UInt64) -> Step {
        // At the end everything is due.
        let due = entries.filter { isEnding ? !$0.value.isLost : max($0.value.dueAt, heldBackUntil) <= now }
        if let (number, entry) = due.min(by: { ($0.value.attempts, $0.key) < ($1.value.attempts, $1.key) }) {
            return .deliver(number: number, entry.mail)
        }
        return isEnding ? .finished : .wait(until: entries.values.map { max($0.dueAt, heldBackUntil) }.min())
    }

    mutating func delivered(_ number: UInt64) {
        reached()
        remove(number)
    }

    /// - Parameters:
    ///   - isOfServer: the server was not reached, which says nothing of this mail.
    ///   - mayRetry: whether another attempt may help.
    ///   - chance: between 0 and 1.
    mutating func failed(_ number: UInt64, isOfServer: Bool, mayRetry: Bool, chance: Double, at now: UInt64) -> Setback {
        guard var entry = entries[number] else { return Setback() }
        entry.attempts += 1
        entries[number] = entry
        if isOfServer { unreached += 1 } else { reached() }
        guard mayRetry else {
            remove(number)
            return Setback(givenUp: [(entry.mail, entry.attempts)])
        }
        guard !isEnding else {
            entries[number]?.isLost = true
            return Setback()
        }
        var setback = Setback()
        let pause = pause(behind: isOfServer ? unreached : entry.attempts, chance)
        setback.pause = pause
        if isOfServer { heldBackUntil = now + pause } else { entries[number]?.dueAt = now + pause }
        for (key, other) in entries.sorted(by: { $0.key < $1.key }) where max(other.dueAt, heldBackUntil) > other.deadline {
            if key == number { setback.pause = nil }
            setback.givenUp.append((other.mail, other.attempts))
            remove(key)
        }
        return setback
    }

    /// Nothing is accepted any more, and what waits is due for one attempt each.
    mutating func end() {
        isEnding = true
    }

    /// Forgets what is left: what was not tried any more, and what was in vain.
    ///
    /// - Returns: how many are lost by that.
    mutating func abandon() -> Int {
        isEnding = true
        defer {
            entries = [:]
            bytes = 0
        }
        return entries.count
    }

    private mutating func reached() {
        unreached = 0
        heldBackUntil = 0
    }

    private mutating func remove(_ number: UInt64) {
        if let entry = entries.removeValue(forKey: number) { bytes -= entry.bytes }
    }

    private func pause(behind attempts: Int, _ chance: Double) -> UInt64 {
        let first = Double(settings.firstPause.nanoseconds)
        // Beyond sixty doublings it is the longest in any case.
        let full = min(first * Double(UInt64(1) << UInt64(min(attempts - 1, 60))), Double(settings.longestPause.nanoseconds))
        return UInt64(full * (0.5 + 0.5 * min(max(chance, 0), 1)))
    }
}

extension Duration {
    /// Whole nanoseconds; none for what is negative.
    var nanoseconds: UInt64 {
        let parts = components
        return parts.seconds < 0 ? 0 : UInt64(parts.seconds) * 1_000_000_000 + UInt64(max(0, parts.attoseconds) / 1_000_000_000)
    }
}
