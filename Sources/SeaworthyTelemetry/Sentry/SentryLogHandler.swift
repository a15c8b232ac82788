package import Logging

/// Lets a ``SentryReporter`` see the lines of the log, behind whatever writes them.
package struct SentryLogHandler: LogHandler {
    private var base: any LogHandler
    private let label: String
    private let reporter: SentryReporter

    package init(_ base: any LogHandler, label: String, reporter: SentryReporter) {
        self.base = base
        self.label = label
        self.reporter = reporter
    }

    package var logLevel: Logger.Level {
        get { base.logLevel }
        set { base.logLevel = newValue }
    }

    package var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }

    package var metadataProvider: Logger.MetadataProvider? {
        get { base.metadataProvider }
        set { base.metadataProvider = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue }
    }

    package func log(event: LogEvent) {
        base.log(event: event)
        reporter.observe(
            event.level, label: label, message: event.message.description, metadata: StructuredLogHandler.merged(event, over: base))
    }
}
