/// Whether this server leads, by what the database answered and when it was asked.
///
/// A lease is believed in from before it was asked for: the database gave it later than that, so its end comes later, too.
package struct LeadershipStateMachine: Sendable {
    package typealias Instant = ContinuousClock.Instant

    package enum Change: Sendable, Equatable {
        case began(fence: Int64)
        case ended(Reason)
    }

    package enum Reason: String, Sendable {
        /// Another has the lease, or had it in between.
        case lost
        /// It could not be renewed in time.
        case expired
        case released
    }

    private struct Term {
        let fence: Int64
        var deadline: Instant
    }

    private let timing: LeaseTiming
    private var term: Term?

    package init(_ timing: LeaseTiming) {
        self.timing = timing
    }

    /// The fencing number of the lease; nil for who does not lead.
    package func fence(at now: Instant) -> Int64? {
        term.flatMap { now < $0.deadline ? $0.fence : nil }
    }

    /// When the lease ends unless it is renewed; nil for who does not lead.
    package func deadline(at now: Instant) -> Instant? {
        term.flatMap { now < $0.deadline ? $0.deadline : nil }
    }

    /// The database has answered.
    ///
    /// - Parameters:
    ///   - fence: of the lease; nil where another has it.
    ///   - askedAt: when it was asked, at the latest.
    package mutating func answered(_ fence: Int64?, askedAt: Instant, now: Instant) -> [Change] {
        var changes = passed(now)
        let deadline = askedAt + timing.lease - timing.margin
        // An answer that took as long as the lease says nothing of now.
        guard let fence, now < deadline else {
            if fence == nil, term != nil {
                term = nil
                changes.append(.ended(.lost))
            }
            return changes
        }
        if let term, term.fence == fence {
            self.term?.deadline = max(term.deadline, deadline)
        } else {
            if term != nil { changes.append(.ended(.lost)) }
            term = Term(fence: fence, deadline: deadline)
            changes.append(.began(fence: fence))
        }
        return changes
    }

    /// Time has passed, and nothing else is known.
    package mutating func passed(_ now: Instant) -> [Change] {
        guard let term, now >= term.deadline else { return [] }
        self.term = nil
        return [.ended(.expired)]
    }

    /// The server gives up the lease.
    package mutating func stopped() -> [Change] {
        guard term != nil else { return [] }
        term = nil
        return [.ended(.released)]
    }
}
