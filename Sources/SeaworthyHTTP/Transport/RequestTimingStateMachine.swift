import NIOCore

/// The time limits of one connection, without a clock or a timer: it is told the time and says when to be asked again.
///
/// A connection is in one phase, and each phase has at most one deadline. At most one timer runs, and it is left running when its
/// phase ends: fired too early it is set anew. So requests on a kept connection neither schedule nor cancel anything.
struct RequestTimingStateMachine {
    enum Phase: Hashable {
        /// Between requests.
        case idle
        /// Part of a head has arrived.
        case head
        /// The head is complete, the body is not.
        case body
        /// The next piece of a body is waited for.
        case piece
        /// The request is complete and being answered: the time is the handler's own matter.
        case responding
        /// The client has closed its side while its request is being answered.
        case halfClosed
        /// An answer waits for the client to read.
        case writing
        /// The last answer is written; what the client still sends is thrown away.
        case lingering
        case closed
    }

    enum Action: Equatable {
        case none
        /// Run the timer to this time, in place of one that runs.
        case schedule(NIODeadline)
        /// The phase has lasted too long.
        case expire(Phase)
    }

    private let settings: HTTPSettings
    /// For answers: the time that the client has to take them.
    private var reading: TransferAllowance
    /// For bodies that are read in pieces: the time that the client has to send them.
    private var sending: TransferAllowance
    private(set) var phase = Phase.closed
    private var deadline: NIODeadline?
    private var timer: NIODeadline?

    init(settings: HTTPSettings) {
        self.settings = settings
        reading = TransferAllowance(stall: settings.writeTimeout, bytesPerSecond: settings.minimumTransferRate)
        sending = TransferAllowance(stall: settings.bodyStallTimeout, bytesPerSecond: settings.minimumTransferRate)
    }

    private func timeout(of phase: Phase) -> TimeAmount? {
        switch phase {
        case .head: settings.headerTimeout
        case .body: settings.bodyTimeout
        case .halfClosed: settings.disconnectGrace
        case .lingering: settings.lingerTimeout
        case .idle, .piece, .writing, .responding, .closed: nil
        }
    }

    /// A phase begins, or began at `start`.
    ///
    /// - Parameter bytes: In ``Phase/writing``, how many the client has to take before it ends.
    mutating func enter(_ phase: Phase, at start: NIODeadline, for bytes: Int = 0) -> Action {
        switch self.phase {
        case .writing: reading.end(at: start)
        case .piece: sending.end(at: start)
        default: break
        }
        self.phase = phase
        let deadline: NIODeadline?
        switch phase {
        case .writing: deadline = reading.begin(at: start, for: bytes)
        case .piece: deadline = sending.begin(at: start, for: 0)
        case .idle:
            reading.refill()
            sending.refill()
            deadline = start + settings.idleTimeout
        default: deadline = timeout(of: phase).map { start + $0 }
        }
        self.deadline = deadline
        guard let deadline else { return .none }
        if let timer, timer <= deadline { return .none }
        timer = deadline
        return .schedule(deadline)
    }

    /// A piece of a body has come.
    mutating func receive(bytes: Int) {
        sending.credit(bytes: bytes)
    }

    /// The timer has fired.
    mutating func fired(at now: NIODeadline) -> Action {
        timer = nil
        guard let deadline else { return .none }
        guard now >= deadline else {
            timer = deadline
            return .schedule(deadline)
        }
        self.deadline = nil
        return .expire(phase)
    }
}
