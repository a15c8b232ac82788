package import CoreMetrics
package import Logging
import NIOHTTP1
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Tells Sentry of faults: takes them in from any thread without waiting, and sends them one by one from a task of its own.
///
/// While Sentry is away events wait, as many as ``limits`` let; further ones are dropped and counted in `telemetry_dropped_total`.
package final class SentryReporter: Sendable {
    /// The label of its own lines, which are never reported.
    package static let label = "seaworthy.telemetry"
    /// Where it helps to send the same again.
    private static let retried: Set<Int> = [502, 503, 504]

    /// An event is small, and one a minute comes of each kind: this is an outage of many minutes.
    package static var limits: ExportLimits {
        var limits = ExportLimits()
        limits.maximumItems = 100
        limits.maximumBytes = 4 << 20
        // An envelope has one event.
        limits.batchItems = 1
        return limits
    }

    private struct State {
        var throttle = SentryThrottle()
        var rateLimits = SentryRateLimits()
        var isReached = true
    }

    private let dsn: SentryDSN
    private let origin: SentryOrigin
    private let scrubbing: SentryScrubbing
    private let breadcrumbs = SentryBreadcrumbs()
    private let queue: ExportQueue<SentryEvent>
    private let state = Mutex(State())
    private let timeout: Duration
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Duration

    /// - Parameters:
    ///   - redaction: what the log hides.
    ///   - timeout: of an attempt to send.
    ///   - clock: for pauses and timeouts.
    ///   - now: a time that only goes forward, for the throttle and the limits.
    package init(
        _ dsn: SentryDSN, origin: SentryOrigin, redaction: LogRedaction = LogRedaction(), limits: ExportLimits = SentryReporter.limits,
        timeout: Duration = HTTPPoster.timeout, clock: any Clock<Duration> = ContinuousClock(),
        now: (@Sendable () -> Duration)? = nil, metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.dsn = dsn
        self.origin = origin
        scrubbing = SentryScrubbing(redaction)
        queue = ExportQueue(exporter: "sentry", limits: limits, clock: clock, metrics: metrics)
        self.timeout = timeout
        self.clock = clock
        let start = ContinuousClock.now
        self.now = now ?? { ContinuousClock.now - start }
    }

    /// Takes a fault in, or holds it back. Costs little, whatever Sentry does.
    package func report(_ fault: SentryFault) {
        let time = now()
        let (held, isLimited) = state.withLock { state in
            let isLimited = state.rateLimits.isLimited(now: time)
            // What the receiver does not want is no event, so that the first behind its limit is one.
            return (isLimited ? nil : state.throttle.admit(fault.fingerprint, now: time), isLimited)
        }
        if isLimited { queue.count(.rateLimited) }
        guard let held else { return }
        let crumbs = fault.request.map { breadcrumbs.of($0.id) } ?? []
        let event = SentryEvent(
            fault, id: SentryEvent.newID(), origin: origin, held: held, breadcrumbs: crumbs, scrubbing: scrubbing, now: LogTimestamp.now())
        queue.offer(event, bytes: event.payload.count)
    }

    /// Takes in a line of the log: of a request it becomes part of its event, should it fail; outside of requests errors are events themselves.
    package func observe(_ level: Logger.Level, label: String, message: String, metadata: Logger.Metadata) {
        guard label != Self.label else { return }
        guard let requestID = metadata[LogMetadataEncoder.requestID] else {
            if level >= .error { report(fault(level, label, message, metadata)) }
            return
        }
        let texts = scrubbing.texts(
            metadata.filter { $0.key != LogMetadataEncoder.requestID }, maximum: SentryBreadcrumbs.maximumValues,
            limit: SentryBreadcrumbs.maximumTextBytes)
        breadcrumbs.add(
            SentryBreadcrumbs.Crumb(
                milliseconds: LogTimestamp.now(), level: Self.level(level), label: label,
                message: scrubbing.text(message, limit: SentryBreadcrumbs.maximumTextBytes), data: texts),
            requestID: "\(requestID)")
    }

    /// What the line says is the kind of fault, and what stands beside it, which differs each time, is not.
    private func fault(_ level: Logger.Level, _ label: String, _ message: String, _ metadata: Logger.Metadata) -> SentryFault {
        let texts = scrubbing.texts(metadata, maximum: SentryBreadcrumbs.maximumValues, limit: SentryBreadcrumbs.maximumTextBytes)
        let details = texts.map { "\($0.0)=\($0.1)" }.joined(separator: " ")
        return SentryFault(
            level == .critical ? .fatal : .error, logger: label, type: message, message: details.isEmpty ? message : details,
            fingerprint: ["log", label, message], extra: texts)
    }

    /// Sentry's names of levels.
    private static func level(_ level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "debug"
        case .info, .notice: "info"
        case .warning: "warning"
        case .error: "error"
        case .critical: "fatal"
        }
    }

    /// Sends what there is until ``close()``, and then what is left, within two seconds. To be run once.
    ///
    /// - Parameter logger: told when Sentry is away and when it is back.
    package func run(logger: Logger) async {
        var headers = HTTPHeaders()
        headers.add(name: "x-sentry-auth", value: dsn.authorization(client: "seaworthy/\(origin.version.prefix { $0 != " " })"))
        var once = RetrySchedule()
        once.maximumAttempts = 1
        let poster = HTTPPoster(url: dsn.envelopeURL, headers: headers, schedule: once, timeout: timeout, clock: clock)
        await queue.run { [self] events in
            guard let event = events.first else { return .delivered }
            return await deliver(event, by: poster, logger)
        }
    }

    package func close() {
        queue.close()
    }

    /// Tries until Sentry takes it, does not want it, or the server ends: what comes meanwhile waits in the queue.
    private func deliver(_ event: SentryEvent, by poster: HTTPPoster, _ logger: Logger) async -> ExportOutcome {
        var schedule = RetrySchedule()
        schedule.maximumAttempts = .max
        var attempt = 0
        while true {
            // A limit may have come with the answer to the event before it.
            if state.withLock({ $0.rateLimits.isLimited(now: now()) }) { return .lost(.rateLimited) }
            attempt += 1
            let reason: String
            switch await poster.post(event.envelope(now: LogTimestamp.now()), contentType: "application/x-sentry-envelope") {
            case .cancelled: return .lost(.shutdown)
            case .accepted(let answer):
                receive(answer)
                note(isReached: true, "", logger)
                return .delivered
            case .refused(let answer):
                receive(answer)
                reason = "status \(answer.status)"
                if !Self.retried.contains(answer.status) {
                    note(isReached: false, reason, logger)
                    return .lost(answer.status == 429 ? .rateLimited : .refused)
                }
            case .unreachable(let why): reason = why
            }
            note(isReached: false, reason, logger)
            guard let pause = schedule.pause(after: attempt, retryAfter: nil, jitter: .random(in: 0...1)),
                (try? await clock.sleep(for: pause)) != nil
            else { return .lost(.shutdown) }
        }
    }

    private func receive(_ answer: HTTPPostAnswer) {
        state.withLock { state in
            state.rateLimits.receive(
                status: answer.status, limits: answer.headers["x-sentry-rate-limits"],
                retryAfter: answer.headers.first(name: "retry-after"),
                now: now(), wallClock: LogTimestamp.now() / 1000)
        }
    }

    /// A line when it changes, and not for each event.
    private func note(isReached: Bool, _ reason: String, _ logger: Logger) {
        let hasChanged = state.withLock { state in
            defer { state.isReached = isReached }
            return state.isReached != isReached
        }
        guard hasChanged else { return }
        if isReached {
            logger.notice("Sentry takes errors again")
        } else {
            logger.warning("Sentry does not take errors", metadata: ["reason": "\(reason)"])
        }
    }
}
