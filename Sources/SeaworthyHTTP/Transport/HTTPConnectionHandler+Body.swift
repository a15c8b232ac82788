import NIOCore

extension HTTPConnectionHandler {
    /// The body of exchange `number` when nothing has to be awaited for it.
    func bodyAtHand(_ number: Int) -> Result<ByteBuffer, any Error>? {
        guard machine.isOpen, current?.number == number else { return .failure(CancellationError()) }
        switch machine.collectBody() {
        case .complete:
            return .success(takeBody())
        case .tooLarge:
            body = ByteBuffer()
            return .failure(Problem.contentTooLarge(maximumBytes: Int64(settings.maximumBodyBytes)))
        case .failed:
            return .failure(bodyFailure ?? .badRequest("The body could not be read."))
        case .wait(let sendContinue):
            if sendContinue { writeContinue() }
            return nil
        }
    }

    func collectBody(_ number: Int, into continuation: CheckedContinuation<ByteBuffer, any Error>) {
        // It may have arrived, or failed, since it was asked for.
        if let body = bodyAtHand(number) {
            continuation.resume(with: body)
            return
        }
        bodyWaiter = continuation
        releaseRead()
    }

    func takeBody() -> ByteBuffer {
        defer { body = ByteBuffer() }
        return body
    }

    /// The body will not come. Who waits for it, or will ask for it, is told why.
    func failBody(_ problem: Problem) {
        machine.failBody()
        if machine.hasResponded {
            close()
        } else {
            failWaiter(problem)
        }
    }

    func failWaiter(_ problem: Problem) {
        body = ByteBuffer()
        bodyFailure = problem
        failPiece(problem)
        if let bodyWaiter {
            self.bodyWaiter = nil
            bodyWaiter.resume(throwing: problem)
        }
    }
}
