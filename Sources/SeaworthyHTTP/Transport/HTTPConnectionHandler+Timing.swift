import NIOCore

extension HTTPConnectionHandler {
    /// - Parameter bytes: In `writing`, what is to be taken.
    func enter(_ phase: RequestTimingStateMachine.Phase, at start: NIODeadline = .now(), for bytes: Int = 0) {
        perform(timing.enter(phase, at: start, for: bytes))
    }

    private func perform(_ action: RequestTimingStateMachine.Action) {
        switch action {
        case .none:
            break
        case .schedule(let deadline):
            timer?.cancel()
            guard let context else { return }
            timer = HTTPConnectionReference(self, eventLoop: context.eventLoop).schedule(at: deadline) { connection in
                connection.timer = nil
                connection.perform(connection.timing.fired(at: .now()))
            }
        case .expire(let phase):
            expire(phase)
        }
    }

    private func expire(_ phase: RequestTimingStateMachine.Phase) {
        switch phase {
        case .head:
            refuse(.requestTimeout("The head of the request did not arrive in time."), facts: nil)
        case .body:
            // The request goes on without its body: who asks for it gets the 408 as an error, and thereby the client.
            enter(.responding)
            failBody(.requestTimeout("The body of the request did not arrive in time."))
        case .piece:
            enter(.responding)
            failBody(.requestTimeout("The body of the request arrived too slowly."))
        case .idle, .halfClosed, .writing, .lingering:
            close()
        case .responding, .closed:
            break
        }
    }
}
