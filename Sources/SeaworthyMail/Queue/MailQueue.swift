package import Logging
package import Metrics
import Synchronization
import Tracing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Mails that wait to be delivered, in memory: they are lost with the process, and whoever asked for one asks again.
///
/// ``run()`` delivers them, one at a time. What may be tried again is, as ``MailQueueSettings`` say; what is given up is one line of the log.
package final class MailQueue: Sendable {
    private struct State {
        var machine: MailQueueStateMachine<OutgoingMail>
        var isRunning = false
        /// Until when an end that was asked for may take, by the monotonic clock.
        var endsAt: ContinuousClock.Instant?
    }

    private let delivery: any MailDelivery
    private let sender: MailSender
    private let logger: Logger
    private let metrics: MailMetrics
    private let now: @Sendable () -> Int64
    private let start = ContinuousClock.now
    private let state: Mutex<State>
    private let work = WakeUp()
    private let ending = WakeUp()

    /// - Parameters:
    ///   - sender: whom every mail comes from.
    ///   - now: microseconds since 1970, for the mails' Date.
    package init(
        _ delivery: any MailDelivery, from sender: MailSender, settings: MailQueueSettings = MailQueueSettings(), logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory, now: @escaping @Sendable () -> Int64 = MailQueue.systemTime
    ) {
        self.delivery = delivery
        self.sender = sender
        self.logger = logger
        self.metrics = MailMetrics(metrics)
        self.now = now
        state = Mutex(State(machine: MailQueueStateMachine(settings)))
    }

    /// Accepts a mail, and returns at once.
    ///
    /// - Returns: its id, which stands in the log and in its Message-ID.
    /// - Throws: ``MailError`` `invalidAddress`, `invalidMessage`, `queueFull`, `closed`.
    @discardableResult package func send(_ message: MailMessage) throws(MailError) -> String {
        let mail = try OutgoingMail(message, from: sender, time: now())
        let refusal: MailQueueStateMachine<OutgoingMail>.Refusal? = change { machine in
            do throws(MailQueueStateMachine<OutgoingMail>.Refusal) {
                try machine.accept(mail, bytes: mail.text.bytes.count, at: time)
                return nil
            } catch {
                return error
            }
        }
        switch refusal {
        case nil:
            work.call()
            return mail.id
        case .queueFull:
            metrics.count(.dropped)
            throw MailError(
                .queueFull, "too many mails are waiting", fix: "try again later; see the log for why they are not delivered", mayRetry: true
            )
        case .closed:
            throw MailError(
                .closed, "mails are not accepted any more", fix: "the server is ending; try again with the next", mayRetry: true)
        }
    }

    /// Whether mails could go just now.
    package func probe() async throws(MailError) {
        try await delivery.probe()
    }

    /// Delivers until ``end(within:)`` was called and what waited was tried, or until the task is cancelled. Then the queue is closed, and the log
    /// says how many mails were lost. A second call beside the first returns at once.
    package func run() async {
        let isFirst = state.withLock { state in
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard isFirst else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.deliverAll() }
            group.addTask { await self.waitForGrace() }
            await group.next()
            group.cancelAll()
        }
        let lost = change { $0.abandon() }
        metrics.count(.dropped, lost)
        state.withLock { $0.isRunning = false }
        if lost > 0 { logger.error("mails are lost: the server ended before they were delivered", metadata: ["count": "\(lost)"]) }
    }

    /// Accepts nothing any more, and has what waits tried once each, one after another, for at most the grace. Returns at once; ``run()`` returns
    /// when it is done. Of several calls the first counts.
    package func end(within grace: Duration = .seconds(10)) {
        state.withLock { state in
            state.machine.end()
            if state.endsAt == nil { state.endsAt = .now + grace }
        }
        work.call()
        ending.call()
    }

    // MARK: The worker

    private func deliverAll() async {
        while !Task.isCancelled {
            switch state.withLock({ $0.machine.next(at: time) }) {
            case .finished: return
            case .wait(nil): await work.wait()
            case .wait(let until?): await work.wait(nanoseconds: until > time ? until - time : 0)
            case .deliver(let number, let mail): await deliver(mail, number)
            }
        }
    }

    private func deliver(_ mail: OutgoingMail, _ number: UInt64) async {
        do throws(MailError) {
            try await handOver(mail)
            change { $0.delivered(number) }
            metrics.count(.sent)
            logger.debug("mail delivered", metadata: ["mail": "\(mail.id)"])
        } catch {
            // An attempt that was cut off is none; the mail counts as lost.
            if error.code == .interrupted, Task.isCancelled { return }
            let chance = Double.random(in: 0...1)
            let setback = change {
                $0.failed(number, isOfServer: error.isOfServer, mayRetry: error.mayRetry, chance: chance, at: time)
            }
            report(setback, of: mail, error)
        }
    }

    /// In a trace of its own: whoever asked for the mail has long had an answer.
    private func handOver(_ mail: OutgoingMail) async throws(MailError) {
        let span = InstrumentationSystem.tracer.startSpan("mail delivery", context: .topLevel, ofKind: .internal)
        defer { span.end() }
        var attributes: SpanAttributes = ["seaworthy.mail.id": .string(mail.id)]
        defer { span.attributes = attributes }
        let result: Result<Void, MailError> = await InstrumentationContext.$current.withValue(span.context) {
            do throws(MailError) {
                return .success(try await delivery.deliver(mail))
            } catch {
                return .failure(error)
            }
        }
        if case .failure(let error) = result {
            attributes["error.type"] = "\(error.code)"
            span.setStatus(SpanStatus(code: .error))
        }
        try result.get()
    }

    private func report(_ setback: MailQueueStateMachine<OutgoingMail>.Setback, of mail: OutgoingMail, _ error: MailError) {
        if let pause = setback.pause {
            metrics.count(.retried)
            logger.notice(
                "mail not delivered, and tried again",
                metadata: ["mail": "\(mail.id)", "error": "\(error)", "nextMilliseconds": "\(pause / 1_000_000)"])
        }
        if setback.pause == nil, setback.givenUp.isEmpty {
            logger.notice("mail not delivered at the end", metadata: ["mail": "\(mail.id)", "error": "\(error)"])
        }
        metrics.count(.failed, setback.givenUp.count)
        for (mail, attempts) in setback.givenUp {
            logger.error(
                "mail given up",
                metadata: ["mail": "\(mail.id)", "domain": "\(mail.domains)", "attempts": "\(attempts)", "error": "\(error)"])
        }
    }

    /// Returns when the time for an end that was asked for is over.
    private func waitForGrace() async {
        while !Task.isCancelled {
            guard let endsAt = state.withLock(\.endsAt) else {
                await ending.wait()
                continue
            }
            try? await Task.sleep(until: endsAt, clock: .continuous)
            return
        }
    }

    // MARK: State

    @discardableResult private func change<Result: Sendable>(
        _ body: (inout MailQueueStateMachine<OutgoingMail>) -> sending Result
    ) -> Result {
        state.withLock { state in
            let result = body(&state.machine)
            // Under the lock, or a later length could be written before an earlier one.
            metrics.recordLength(state.machine.count)
            return result
        }
    }

    /// Nanoseconds of a clock that only goes forward.
    private var time: UInt64 { start.duration(to: .now).nanoseconds }

    /// The system's clock, in microseconds since 1970.
    package static func systemTime() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
