import NIOCore
import Synchronization

/// Bodies that are read in pieces.
extension HTTPConnectionHandler {
    /// What can be said of the next piece of exchange `number` without waiting: a piece, nil at the end, or why there is none.
    func pieceAtHand(_ number: Int, maximumBytes: Int64?) -> Result<ByteBuffer?, any Error>? {
        guard machine.isOpen, current?.number == number else { return .failure(CancellationError()) }
        let action = machine.requestPiece(maximumBytes: maximumBytes, buffered: body.readableBytes)
        if timing.phase == .body {
            // The limit for a body that is read whole no longer holds.
            enter(.responding)
        }
        switch action {
        case .piece: return .success(takeBody())
        case .end: return .success(nil)
        case .tooLarge:
            body = ByteBuffer()
            return .failure(Problem.contentTooLarge(maximumBytes: maximumBytes ?? 0))
        case .failed: return .failure(bodyFailure ?? .badRequest("The body could not be read."))
        case .wait(let sendContinue):
            if sendContinue { writeContinue() }
            return nil
        }
    }

    func awaitPiece(_ number: Int, maximumBytes: Int64?, into continuation: CheckedContinuation<ByteBuffer?, any Error>) {
        // It may have arrived, or failed, since it was asked for.
        if let piece = pieceAtHand(number, maximumBytes: maximumBytes) {
            continuation.resume(with: piece)
            return
        }
        guard pieceWaiter == nil else {
            continuation.resume(throwing: CancellationError())
            return
        }
        pieceWaiter = continuation
        enter(.piece)
        releaseRead()
    }

    /// A reading of the socket has been parsed: what it brought is the piece that was waited for.
    func deliverPiece() {
        guard let pieceWaiter, body.readableBytes > 0 else { return }
        self.pieceWaiter = nil
        machine.deliverPiece()
        enter(.responding)
        timing.receive(bytes: body.readableBytes)
        pieceWaiter.resume(returning: takeBody())
    }

    /// The body is complete, and nothing of it is left.
    func endPieces() {
        deliverPiece()
        if let pieceWaiter {
            self.pieceWaiter = nil
            enter(.responding)
            pieceWaiter.resume(returning: nil)
        }
    }

    func cancelPiece(_ number: Int) {
        guard current?.number == number else { return }
        failPiece(CancellationError())
    }

    func failPiece(_ error: any Error) {
        if let pieceWaiter {
            self.pieceWaiter = nil
            machine.deliverPiece()
            if timing.phase == .piece {
                enter(.responding)
            }
            pieceWaiter.resume(throwing: error)
        }
    }

    func writeContinue() {
        guard let context else { return }
        var buffer = context.channel.allocator.buffer(capacity: 32)
        buffer.writeStaticString(ResponseHeadEncoder.continueHead)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }
}

extension HTTPConnectionReference {
    func nextPiece(_ number: Int, maximumBytes: Int64?) async throws -> ByteBuffer? {
        try Task.checkCancellation()
        if let piece = try await run({ $0.pieceAtHand(number, maximumBytes: maximumBytes) }) {
            return try piece.get()
        }
        let cancellation = PieceCancellation()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                onLoop { handler in
                    // The word of it may have come to the loop first, when there was nothing to cancel yet.
                    guard !cancellation.isCancelled else { return continuation.resume(throwing: CancellationError()) }
                    handler.awaitPiece(number, maximumBytes: maximumBytes, into: continuation)
                }
            }
        } onCancel: {
            cancellation.cancel()
            // Later, also when already on the loop: whoever cancels may be in the middle of something.
            eventLoop.execute { runNow { $0.cancelPiece(number) } }
        }
    }
}

/// Whether the task that asked for a piece was cancelled.
private final class PieceCancellation: Sendable {
    private let flag = Atomic(false)

    var isCancelled: Bool { flag.load(ordering: .acquiring) }

    func cancel() { flag.store(true, ordering: .releasing) }
}
