package import CoreMetrics
package import Logging
package import NIOHTTP1
import Synchronization

/// Sends spans to a receiver of OTLP over HTTP, in batches, one at a time.
///
/// Whatever the receiver does, the server goes on: what cannot be sent is dropped and counted, and the log says when that begins and ends.
package final class TraceExporter: Sendable {
    /// What makes the spans.
    package let tracer: SpanTracer
    private let queue: ExportQueue<FinishedSpan>
    private let poster: HTTPPoster
    private let form: OTLPProtocol
    private let resource: TraceResource
    private let logger: Logger
    /// Whether the last batch was lost.
    private let isFailing = Mutex(false)

    /// - Parameters:
    ///   - url: where spans go, `…/v1/traces`.
    ///   - headers: sent each time; never shown.
    package init(
        url: String, headers: HTTPHeaders = [:], form: OTLPProtocol = .protobuf, sampler: TraceSampler, resource: TraceResource,
        limits: ExportLimits = ExportLimits(), schedule: RetrySchedule = RetrySchedule(), timeout: Duration = HTTPPoster.timeout,
        clock: any Clock<Duration> = ContinuousClock(), metrics: any MetricsFactory = MetricsSystem.factory, logger: Logger
    ) {
        queue = ExportQueue(exporter: "otlp", limits: limits, clock: clock, metrics: metrics)
        tracer = SpanTracer(sampler: sampler, queue: queue)
        poster = HTTPPoster(url: url, headers: headers, schedule: schedule, timeout: timeout, clock: clock)
        self.form = form
        self.resource = resource
        self.logger = logger
    }

    /// Exports until ``close()``, and then what is left for at most ``ExportLimits/flushTime``.
    package func run() async {
        await queue.run { await self.deliver($0) }
    }

    /// No span is taken any more.
    package func close() {
        queue.close()
    }

    private func deliver(_ spans: [FinishedSpan]) async -> ExportOutcome {
        switch await poster.post(form.encode(spans, resource), contentType: form.contentType) {
        case .accepted(let answer):
            recovered()
            let rejected = min(OTLPAnswer.rejectedSpans(answer.body, form), spans.count)
            return rejected > 0 ? .lost(.refused, items: rejected) : .delivered
        case .refused(let answer):
            failed("it answers with status \(answer.status)")
            return .lost(answer.status == 429 ? .rateLimited : answer.status < 500 ? .refused : .unreachable)
        case .unreachable(let reason):
            failed(reason)
            return .lost(.unreachable)
        case .cancelled: return .lost(.shutdown)
        }
    }

    /// Once for a trouble: a line a batch would tell nothing more.
    private func failed(_ reason: String) {
        let isFirst = isFailing.withLock { isFailing in
            defer { isFailing = true }
            return !isFailing
        }
        if isFirst { logger.warning("traces are not taken, and dropped", metadata: ["reason": "\(reason)"]) }
    }

    private func recovered() {
        let was = isFailing.withLock { isFailing in
            defer { isFailing = false }
            return isFailing
        }
        if was { logger.notice("traces are taken again") }
    }
}
