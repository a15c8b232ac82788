import NIOCore

/// Where the body of a request comes from.
enum RequestBodySource: Sendable {
    /// There, whole.
    case buffer(ByteBuffer, maximumBytes: Int)
    /// On its way through a connection, in its exchange `number`.
    case connection(HTTPConnectionReference, number: Int)

    func collect() async throws -> ByteBuffer {
        switch self {
        case .buffer(let buffer, let maximumBytes):
            guard buffer.readableBytes <= maximumBytes else { throw Problem.contentTooLarge(maximumBytes: Int64(maximumBytes)) }
            return buffer
        case .connection(let connection, let number):
            return try await connection.collectBody(number)
        }
    }
}

/// A connection's handler as tasks hold it: everything is done on the connection's event loop.
struct HTTPConnectionReference: Sendable {
    let eventLoop: any EventLoop
    private let handler: NIOLoopBound<HTTPConnectionHandler>

    init(_ handler: HTTPConnectionHandler, eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.handler = NIOLoopBound(handler, eventLoop: eventLoop)
    }

    /// Runs `work` on the event loop; at once when already there, as requests' tasks mostly are.
    func run<Result: Sendable>(_ work: @escaping @Sendable (HTTPConnectionHandler) -> Result) async throws -> Result {
        if eventLoop.inEventLoop {
            return work(handler.value)
        }
        return try await eventLoop.submit { work(handler.value) }.get()
    }

    /// Runs `work` where the caller already is on the event loop: in the callbacks of its futures.
    func runNow(_ work: (HTTPConnectionHandler) -> Void) {
        work(handler.value)
    }

    /// Runs `work` on the event loop, later.
    func schedule(at deadline: NIODeadline, _ work: @escaping @Sendable (HTTPConnectionHandler) -> Void) -> Scheduled<Void> {
        eventLoop.scheduleTask(deadline: deadline) { work(handler.value) }
    }

    func collectBody(_ number: Int) async throws -> ByteBuffer {
        if let body = try await run({ $0.bodyAtHand(number) }) {
            return try body.get()
        }
        return try await withCheckedThrowingContinuation { continuation in
            onLoop { $0.collectBody(number, into: continuation) }
        }
    }

    /// Runs `work` on the event loop: at once when already there.
    func onLoop(_ work: @escaping @Sendable (HTTPConnectionHandler) -> Void) {
        if eventLoop.inEventLoop {
            work(handler.value)
        } else {
            eventLoop.execute { work(handler.value) }
        }
    }
}
