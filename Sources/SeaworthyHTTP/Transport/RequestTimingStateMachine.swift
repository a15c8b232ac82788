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
    private(set) var phase = Phase.closed
    private var deadline: NIODeadline?
    private var timer: NIODeadline?

    init(settings: HTTPSettings) {
        self.settings = settings
    }

    private func timeout(of phase: Phase) -> TimeAmount? {
        switch phase {
        case .idle: settings.idleTimeout
        case .head: settings.headerTimeout
        case .body: settings.bodyTimeout
        case .halfClosed: settings.disconnectGrace
        case .writing: settings.writeTimeout
        case .lingering: settings.lingerTimeout
        case .responding, .closed: nil
        }
    }

    /// A phase begins, or began at `start`.
    mutating func enter(_ phase: Phase, at start: NIODeadline) -> Action {
        self.phase = phase
        guard let timeout = timeout(of: phase) else {
            deadline = nil
            return .none
        }
        let deadline = start + timeout
        self.deadline = deadline
        if let timer, timer <= deadline { return .none }
        timer = deadline
        return .schedule(deadline)
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
