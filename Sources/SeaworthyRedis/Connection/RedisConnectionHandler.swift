import NIOCore
import SeaworthyStorage

/// Carries out the state machines of one connection: greets, sends what the outbox has, hands out answers, and gives up what takes too long.
/// Everything on the channel's event loop.
final class RedisConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What a connection is for.
    enum Purpose: Sendable {
        /// Every command has its answer.
        case commands
        /// For what is published; whatever comes is told.
        case subscription(@Sendable (RESPValue) -> Void)
    }

    private enum Phase {
        case greeting(RedisGreetingStateMachine)
        case ready
        case closed
    }

    private let outbox: RedisOutbox
    private let purpose: Purpose
    private let greeted: EventLoopPromise<RedisGreeting>
    private var phase: Phase
    private var decoder = RESPDecoder()
    private var received = ByteBuffer()
    private var replies: RedisConnectionStateMachine<RedisReplyWaiter>
    private var timer: (task: Scheduled<Void>, deadline: UInt64)?
    private var context: ChannelHandlerContext?

    /// - Parameter greeted: told when the server has let us in, or has not.
    init(
        _ greeting: RedisGreetingStateMachine, outbox: RedisOutbox, purpose: Purpose, stallTime: Duration,
        greeted: EventLoopPromise<RedisGreeting>
    ) {
        phase = .greeting(greeting)
        self.outbox = outbox
        self.purpose = purpose
        self.greeted = greeted
        replies = RedisConnectionStateMachine(stallTime: stallTime.nanoseconds)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard case .greeting(var greeting) = phase, case .send(let commands) = greeting.begin() else { return }
        phase = .greeting(greeting)
        write(commands, context)
    }

    private func write(_ commands: [RedisCommand], _ context: ChannelHandlerContext) {
        var buffer = context.channel.allocator.buffer(capacity: 256)
        for command in commands { buffer.write(command) }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    // MARK: Sending

    /// Sends what waits in the outbox, as one write.
    func flush() {
        guard case .ready = phase, let context else { return }
        let batch = outbox.take()
        guard !batch.waiting.isEmpty else { return }
        for (waiter, deadline) in batch.waiting { replies.sent(waiter, deadline: deadline) }
        let (count, outbox) = (batch.buffer.readableBytes, outbox)
        context.writeAndFlush(wrapOutboundOut(batch.buffer)).whenComplete { _ in outbox.wrote(count) }
        scheduleTimer(context)
    }

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if received.readableBytes == 0 {
            received = bytes
        } else {
            received.discardReadBytes()
            received.writeBuffer(&bytes)
        }
        var answers: [(waiter: RedisReplyWaiter?, value: RESPValue)] = []
        do {
            while case .greeting = phase, let value = try decoder.next(&received) { greet(value, context) }
            while case .ready = phase, let value = try decoder.next(&received) { take(value, into: &answers, context) }
        } catch {
            close(RedisError(.protocolViolation, "what came is not Redis' protocol: \(error.reason)"), context)
        }
        guard !answers.isEmpty else { return }
        // Before anybody is told: whoever sends again at once must not be refused for what has been answered.
        outbox.answered(answers.count)
        for answer in answers { answer.waiter?.end(answer.value) }
    }

    private func greet(_ value: RESPValue, _ context: ChannelHandlerContext) {
        guard case .greeting(var greeting) = phase else { return }
        // What is pushed has nothing to do with the greeting.
        if case .push = value { return }
        let action = greeting.received(value)
        phase = .greeting(greeting)
        switch action {
        case .wait: break
        case .send(let commands): write(commands, context)
        case .fail(let error): close(error, context)
        case .done(let greeting):
            phase = .ready
            greeted.succeed(greeting)
        }
    }

    /// - Parameter answers: gets one more where a command has its answer; without a waiter where it came too late.
    private func take(
        _ value: RESPValue, into answers: inout [(waiter: RedisReplyWaiter?, value: RESPValue)], _ context: ChannelHandlerContext
    ) {
        if case .subscription(let tell) = purpose { return tell(value) }
        switch replies.received(value) {
        case .answer(let waiter, let value): answers.append((waiter, value))
        case .late: answers.append((nil, value))
        case .push: break
        case .violation: close(RedisError(.protocolViolation, "an answer came that nobody asked for"), context)
        }
    }

    // MARK: Time

    private func scheduleTimer(_ context: ChannelHandlerContext) {
        guard let deadline = replies.nextDeadline else { return }
        if let timer {
            // What is waited for longest may be due later than what was sent last.
            guard deadline < timer.deadline else { return }
            timer.task.cancel()
        }
        let wait = TimeAmount.nanoseconds(Int64(clamping: Deadline(nanoseconds: deadline).nanosecondsLeft))
        timer = (context.eventLoop.assumeIsolated().scheduleTask(in: wait) { self.checkTime() }, deadline)
    }

    private func checkTime() {
        timer = nil
        guard case .ready = phase, let context else { return }
        let now = Deadline.now.nanoseconds
        for waiter in replies.expire(now: now) { waiter.end(.failure(RedisError(.timeout, "no answer in time"))) }
        if replies.isStalled(now: now) {
            close(RedisError(.disconnected, "no answer has come for long"), context)
        } else {
            scheduleTimer(context)
        }
    }

    // MARK: The end

    /// Ends the connection for a reason, which whoever waits is told.
    func close(_ error: RedisError) {
        guard let context else { return }
        close(error, context)
    }

    private func close(_ error: RedisError, _ context: ChannelHandlerContext) {
        end(error)
        context.close(promise: nil)
    }

    private func end(_ error: RedisError) {
        if case .closed = phase { return }
        phase = .closed
        timer?.task.cancel()
        timer = nil
        for waiter in replies.close() + outbox.close(error) { waiter.end(.failure(error)) }
        greeted.fail(error)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(RedisError(.disconnected, "the connection failed: \(RedisConnection.reason(error))"), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(RedisError(.disconnected, "the connection was closed"))
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(RedisError(.disconnected, "the connection was closed"))
        self.context = nil
    }
}
