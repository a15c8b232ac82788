import HTTPTypes
import NIOCore
import NIOHTTP1
import Tracing

/// One HTTP/1.1 connection: carries out what ``HTTPConnectionStateMachine`` and ``RequestTimingStateMachine`` decide.
///
/// Runs on its event loop only. A request is a task on that loop, cancelled when the client goes.
final class HTTPConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Input {
        case part(HTTPServerRequestPart)
        case failure(Problem)
    }

    /// The request that is being answered.
    struct Current {
        let number: Int
        let facts: RequestFacts?
        let source: RequestSource
        let requestID: String
        let start: NIODeadline
        /// Nil without a tracer.
        let trace: RequestTrace?
        var responseBytes = 0
        var status = 0
        var routeTemplate: String?
        var cause: RequestFault.Cause?
    }

    let settings: HTTPSettings
    let pipeline: RequestPipeline
    let clock: HTTPClock
    let registry: ConnectionRegistry
    let executor: EventLoopTaskExecutor
    /// Who is at the other end of the connection.
    let peer: RequestSource
    private let peerIsTrusted: Bool
    var context: ChannelHandlerContext?
    var machine: HTTPConnectionStateMachine
    var timing: RequestTimingStateMachine
    var timer: Scheduled<Void>?
    var requestIDs = RequestID.Generator()
    var current: Current?
    var task: Task<Void, Never>?
    var framing = ResponseHeadEncoder.Framing.none
    /// An answer is written whole, but the client has not read enough of it to go on.
    var awaitsReader = false
    /// Of bodies, that the client may not have taken yet.
    var unreadBytes = 0
    private var exchangeCount = 0
    private var queue = CircularBuffer<Input>(initialCapacity: 4)
    private var readIsHeld = false
    // The body of the current request.
    var body = ByteBuffer()
    var bodyFailure: Problem?
    var bodyWaiter: CheckedContinuation<ByteBuffer, any Error>?
    var pieceWaiter: CheckedContinuation<ByteBuffer?, any Error>?
    // The head that is arriving.
    private var headBytes = 0
    private var requestLineSeen = false

    init(
        settings: HTTPSettings, pipeline: RequestPipeline, clock: HTTPClock, registry: ConnectionRegistry,
        executor: EventLoopTaskExecutor, peer: RequestSource
    ) {
        self.settings = settings
        self.pipeline = pipeline
        self.clock = clock
        self.registry = registry
        self.executor = executor
        self.peer = peer
        peerIsTrusted = settings.trustedProxies.contains(peer.address)
        self.machine = HTTPConnectionStateMachine(settings: settings)
        self.timing = RequestTimingStateMachine(settings: settings)
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive {
            enter(.idle)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        connectionClosed()
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        enter(.idle)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        connectionClosed()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        receive(.part(unwrapInboundIn(data)))
    }

    func read(context: ChannelHandlerContext) {
        if machine.wantsInput(queueIsEmpty: queue.isEmpty) {
            context.read()
        } else {
            readIsHeld = true
        }
    }

    func releaseRead() {
        if readIsHeld, machine.wantsInput(queueIsEmpty: queue.isEmpty) {
            readIsHeld = false
            context?.read()
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            if machine.drain() == .close {
                close()
            }
        case ChannelEvent.inputClosed:
            switch machine.closeInput() {
            case .close, .abandon: close()
            case .awaitAnswer: enter(.halfClosed)
            case .failBody:
                failBody(.badRequest("The body ended before its end."))
                if machine.isOpen { enter(.halfClosed) }
            }
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard machine.isOpen else { return }
        guard let error = error as? HTTPParserError, error != .invalidEOFState, error != .closedConnection else {
            // The connection broke, or the client closed it in the middle of a request: there is nobody to answer. Of a body that is
            // read in pieces its handler is told, when the end of the input is.
            if !(error is HTTPParserError && machine.isReadingPieces) {
                close()
            }
            return
        }
        receive(.failure(problem(of: error)))
    }

    private func problem(of error: HTTPParserError) -> Problem {
        switch error {
        case .headerOverflow where !requestLineSeen && !machine.hasExchange: .uriTooLong(maximumBytes: settings.maximumURLBytes)
        case .headerOverflow: .headersTooLarge(maximumBytes: settings.maximumHeaderBytes)
        case .invalidVersion: .badRequest("The request is not in HTTP/1.1.")
        case .invalidMethod: .badRequest("The method is not one of HTTP's.")
        case .invalidURL: .badRequest("The address is not a valid one: spaces and what is beyond ASCII must be percent-encoded.")
        case .invalidHeaderToken: .badRequest("A header field is not well formed.")
        case .invalidContentLength, .unexpectedContentLength: .badRequest("The length of the body is not well formed.")
        case .invalidChunkSize: .badRequest("A chunk of the body is not well formed.")
        default: .badRequest("The request is not well formed.")
        }
    }

    // MARK: Bytes, before and after the parser

    /// - Returns: Shall they be parsed?
    func willParse(_ bytes: ByteBuffer) -> Bool {
        guard machine.isOpen else { return false }
        guard !machine.hasExchange, queue.isEmpty else { return true }
        if headBytes == 0, bytes.readableBytesView.allSatisfy({ $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }) {
            // Empty lines before a request are skipped (RFC 9112, 2.2); it has not begun.
            return true
        }
        headBytes += bytes.readableBytes
        if !requestLineSeen {
            requestLineSeen = bytes.readableBytesView.contains(UInt8(ascii: "\n"))
            if !requestLineSeen, headBytes > settings.maximumURLBytes + 64 {
                refuse(.uriTooLong(maximumBytes: settings.maximumURLBytes), facts: nil)
                return false
            }
        }
        return true
    }

    func didParse() {
        guard machine.isOpen else { return }
        if machine.hasExchange {
            if machine.isReadingPieces {
                deliverPiece()
            } else if machine.awaitsBody, timing.phase != .body, let current {
                enter(.body, at: current.start)
            }
        } else if headBytes > 0, timing.phase != .head {
            enter(.head)
        }
    }

    // MARK: Requests

    private func receive(_ input: Input) {
        guard machine.isOpen else { return }
        guard queue.isEmpty, machine.acceptsInput else {
            queue.append(input)
            return
        }
        process(input)
    }

    private func process(_ input: Input) {
        switch input {
        case .part(.head(let head)): receiveHead(head)
        case .part(.body(let bytes)): receiveBody(bytes)
        case .part(.end): receiveEnd()
        case .failure(let problem):
            guard machine.hasExchange else {
                refuse(problem, facts: nil)
                return
            }
            failBody(problem)
        }
    }

    private func receiveHead(_ head: HTTPRequestHead) {
        headBytes = 0
        requestLineSeen = false
        let (facts, problem) = RequestFacts.examine(head, settings: settings)
        if let problem {
            refuse(problem, facts: facts)
            return
        }
        machine.receiveHead(facts)
        let current = begin(facts: facts)
        _ = timing.enter(.responding, at: current.start)
        guard let context else { return }
        let connection = HTTPConnectionReference(self, eventLoop: context.eventLoop)
        let exchange = HTTPExchange(
            head: head, facts: facts, requestID: current.requestID, source: current.source,
            body: .connection(connection, number: current.number))
        let number = current.number
        let begin = { [executor, pipeline] in
            Task(executorPreference: executor) {
                await CurrentRequest.$id.withValue(exchange.requestID) {
                    let answer = await pipeline.answer(exchange)
                    await ResponseSink(connection: connection, number: number, exchange: exchange, answer: answer).send(pipeline: pipeline)
                }
            }
        }
        // A task takes along what holds where it is made.
        task = current.trace.map { InstrumentationContext.$current.withValue($0.context, operation: begin) } ?? begin()
    }

    private func begin(facts: RequestFacts?) -> Current {
        exchangeCount += 1
        pipeline.metrics?.requestBegan()
        let current = Current(
            number: exchangeCount, facts: facts, source: source(of: facts), requestID: facts?.requestID ?? requestIDs.next(), start: .now(),
            trace: pipeline.tracer.map { RequestTrace(facts, by: $0) })
        self.current = current
        body = ByteBuffer()
        bodyFailure = nil
        return current
    }

    private func source(of facts: RequestFacts?) -> RequestSource {
        guard peerIsTrusted, let facts, facts.forwardedFor != nil || facts.forwardedProto != nil else { return peer }
        return settings.trustedProxies.source(peer, forwardedFor: facts.forwardedFor, forwardedProto: facts.forwardedProto)
    }

    private func receiveBody(_ bytes: ByteBuffer) {
        switch machine.receiveBody(bytes: bytes.readableBytes) {
        case .append:
            var bytes = bytes
            if body.readableBytes == 0 {
                body = bytes
            } else {
                body.writeBuffer(&bytes)
            }
        case .discard: break
        case .tooLarge: failWaiter(.contentTooLarge(maximumBytes: machine.bodyCap))
        case .stop: close()
        }
    }

    private func receiveEnd() {
        switch machine.receiveEnd() {
        case .bodyComplete:
            if timing.phase == .body {
                enter(.responding)
            }
            endPieces()
            if let bodyWaiter {
                self.bodyWaiter = nil
                bodyWaiter.resume(returning: takeBody())
            }
        case .next:
            next()
        }
    }

    /// An answer is written and its request is read: on to what has arrived meanwhile.
    func next() {
        enter(.idle)
        while machine.isOpen, machine.acceptsInput, let input = queue.popFirst() {
            process(input)
        }
        releaseRead()
    }

    /// Answers what no handler has seen, and closes the connection after it.
    func refuse(_ problem: Problem, facts: RequestFacts?) {
        let current = begin(facts: facts)
        machine.refuse()
        let cause = problem.status.code >= 500 ? RequestFault.Cause(error: problem, code: problem.code, userID: nil) : nil
        let answer = RequestPipeline.Answer(response: problem.response(requestID: current.requestID), routeTemplate: nil, cause: cause)
        respond(
            current.number, answer: answer, body: problem.rendered(requestID: current.requestID), isWhole: true, declaredLength: nil)
    }

    // MARK: The end

    func close() {
        machine.close()
        context?.close(promise: nil)
    }

    private func connectionClosed() {
        machine.close()
        _ = timing.enter(.closed, at: .now())
        timer?.cancel()
        timer = nil
        queue.removeAll()
        task?.cancel()
        task = nil
        failPiece(CancellationError())
        if let bodyWaiter {
            self.bodyWaiter = nil
            bodyWaiter.resume(throwing: CancellationError())
        }
        if var current {
            if current.status == 0 {
                current.status = AccessRecord.clientClosedRequest
            }
            record(current)
        }
    }

    func record(_ current: Current) {
        self.current = nil
        let record = AccessRecord(
            requestID: current.requestID, method: current.facts?.method.rawValue, routeTemplate: current.routeTemplate,
            path: current.facts?.path, status: current.status, responseBytes: current.responseBytes,
            duration: .now() - current.start, remoteAddress: current.source.address, userAgent: current.facts?.userAgent,
            trace: current.trace?.context)
        measure(current, record.duration)
        pipeline.accessLog(record)
        current.trace?.end(record, current.facts, isSecure: current.source.isSecure)
        guard current.status >= 500, let faultReport = pipeline.faultReport else { return }
        faultReport(
            RequestFault(
                requestID: current.requestID, method: current.facts?.method.rawValue, routeTemplate: current.routeTemplate,
                status: current.status, userID: current.cause?.userID, code: current.cause?.code.rawValue, error: current.cause?.error))
    }

    private func measure(_ current: Current, _ duration: TimeAmount) {
        guard let metrics = pipeline.metrics else { return }
        func end() { metrics.requestEnded(current.facts?.method, current.routeTemplate, status: current.status, duration) }
        guard let trace = current.trace, trace.isRecorded else { return end() }
        // So that what measures it can tell the trace.
        InstrumentationContext.$current.withValue(trace.context) { end() }
    }
}
