import Logging
import NIOCore
import SeaworthyHTTP
import SeaworthyTelemetry
import Tracing

/// The log of this process: one writer behind every logger and behind the access lines.
struct Logs: Sendable {
    let writer: LogWriter
    private let access: AccessLog
    private let level: Logger.Level
    private let redaction: LogRedaction
    /// Sees each line besides; nil where errors are reported nowhere.
    let reporter: SentryReporter?

    /// - Parameters:
    ///   - secrets: what is hidden wherever it would stand.
    ///   - sentry: where errors are reported.
    ///   - descriptor: where lines go: standard output for the server (12-factor), standard error for every other command.
    init(_ settings: LogSettings, secrets: [String], sentry: SentrySettings? = nil, descriptor: Int32) {
        writer = LogWriter(descriptor: descriptor, format: settings.format)
        level = settings.level
        redaction = LogRedaction(secrets: secrets + (sentry.map { [$0.dsn.publicKey] } ?? []))
        reporter = sentry.map { [redaction] in SentryReporter($0.dsn, origin: $0.origin, redaction: redaction) }
        access = AccessLog(writer: writer, level: settings.level, redaction: redaction)
    }

    func logger(_ label: String) -> Logger {
        Logger(label: label) { [writer, level, redaction, reporter] label in
            let handler = StructuredLogHandler(
                label: label, writer: writer, level: level, metadataProvider: Self.provider, redaction: redaction)
            guard let reporter else { return handler }
            return SentryLogHandler(handler, label: label, reporter: reporter)
        }
    }

    /// A line that is written for a request has its id and its trace, wherever it comes from.
    private static let provider = Logger.MetadataProvider.multiplex([request, TraceMetadata.provider])

    private static let request = Logger.MetadataProvider {
        CurrentRequest.id.map { ["requestId": .string($0)] } ?? [:]
    }

    /// What HTTP calls for each answer of 5xx.
    var faultReport: (@Sendable (RequestFault) -> Void)? {
        guard let reporter else { return nil }
        return { reporter.report(ErrorReports.fault($0)) }
    }

    /// What HTTP calls for each answered request.
    var accessLog: @Sendable (SeaworthyHTTP.AccessRecord) -> Void {
        guard access.isEnabled else { return { _ in } }
        return { [access] record in
            access.accessLine(
                SeaworthyTelemetry.AccessRecord(
                    requestID: record.requestID, method: record.method ?? "-", route: record.routeTemplate,
                    path: record.path.map(String.init) ?? "-", status: record.status, bytesOut: record.responseBytes,
                    durationNanoseconds: record.duration.nanoseconds, remoteAddress: record.remoteAddress, userAgent: record.userAgent,
                    trace: record.trace?.trace))
        }
    }
}
