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

    /// - Parameters:
    ///   - secrets: what is hidden wherever it would stand.
    ///   - descriptor: where lines go: standard output for the server (12-factor), standard error for every other command.
    init(_ settings: LogSettings, secrets: [String], descriptor: Int32) {
        writer = LogWriter(descriptor: descriptor, format: settings.format)
        level = settings.level
        redaction = LogRedaction(secrets: secrets)
        access = AccessLog(writer: writer, level: settings.level, redaction: redaction)
    }

    func logger(_ label: String) -> Logger {
        Logger(label: label) { [writer, level, redaction] label in
            StructuredLogHandler(
                label: label, writer: writer, level: level, metadataProvider: TraceMetadata.provider, redaction: redaction)
        }
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
