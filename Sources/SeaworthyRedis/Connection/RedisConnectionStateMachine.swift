import NIOCore

/// Which answer belongs to whom on one connection, and who has waited too long. Answers come in the order of the commands; what the server
/// says without being asked comes in between.
///
/// `Waiter` is whatever is told of an answer.
struct RedisConnectionStateMachine<Waiter> {
    /// Something that goes by the server's own will.
    enum Received {
        case answer(Waiter, RESPValue)
        /// For somebody who has been told already that it took too long.
        case late
        case push([RESPValue])
        case violation
    }

    private struct Pending {
        /// Nil once its time was over: the answer that is still to come is nobody's.
        var waiter: Waiter?
        let deadline: UInt64
    }

    private var pending = CircularBuffer<Pending>()
    /// How many of the first have been given up.
    private var abandoned = 0
    private let stallTime: UInt64

    /// - Parameter stallTime: how long after a command's time its answer is still waited for, in nanoseconds. Then the connection is dead: a
    ///   peer that has gone without a word gives no other sign.
    init(stallTime: UInt64) {
        self.stallTime = stallTime
    }

    /// How many answers are still to come.
    var count: Int { pending.count }

    /// A command went out, which may take until the deadline, in nanoseconds on the same clock as `now` below. Not before that of the last.
    mutating func sent(_ waiter: Waiter, deadline: UInt64) {
        pending.append(Pending(waiter: waiter, deadline: deadline))
    }

    mutating func received(_ value: RESPValue) -> Received {
        if case .push(let elements) = value { return .push(elements) }
        guard let first = pending.popFirst() else { return .violation }
        guard let waiter = first.waiter else {
            abandoned -= 1
            return .late
        }
        return .answer(waiter, value)
    }

    /// Gives up the commands whose time is over.
    mutating func expire(now: UInt64) -> [Waiter] {
        var expired: [Waiter] = []
        while abandoned < pending.count, pending[offset: abandoned].deadline <= now {
            if let waiter = pending[offset: abandoned].waiter { expired.append(waiter) }
            pending[offset: abandoned].waiter = nil
            abandoned += 1
        }
        return expired
    }

    /// Whether the first answer is so late that none is to be expected.
    func isStalled(now: UInt64) -> Bool {
        abandoned > 0 && (pending.first.map { $0.deadline + stallTime <= now } ?? false)
    }

    /// When to ask again who has waited too long; nil while no answer is to come.
    var nextDeadline: UInt64? {
        let stall = abandoned > 0 ? pending.first.map { $0.deadline + stallTime } : nil
        let expiry = abandoned < pending.count ? pending[offset: abandoned].deadline : nil
        return [stall, expiry].compactMap(\.self).min()
    }

    /// Takes out everybody who still waits.
    mutating func close() -> [Waiter] {
        let waiting = pending.compactMap(\.waiter)
        pending.removeAll()
        abandoned = 0
        return waiting
    }
}

extension CircularBuffer {
    fileprivate subscript(offset offset: Int) -> Element {
        get { self[index(startIndex, offsetBy: offset)] }
        set { self[index(startIndex, offsetBy: offset)] = newValue }
    }
}
