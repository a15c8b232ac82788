import Synchronization

/// Where the server is in its life, for readiness. It only ever moves forward.
package final class HealthState: Sendable {
    package enum Phase: String, Sendable {
        case starting
        case ready
        /// Asked to stop: running requests finish, and no new ones should be sent here.
        case draining
    }

    private let state = Mutex(Phase.starting)

    package init() {}

    package var phase: Phase {
        state.withLock { $0 }
    }

    /// Without effect once draining.
    package func becomeReady() {
        state.withLock { phase in
            if phase == .starting {
                phase = .ready
            }
        }
    }

    package func beginDraining() {
        state.withLock { $0 = .draining }
    }
}
