package import Logging

/// swift-log's way into a ``LogWriter``.
///
/// A line holds time, level, label, message and then the metadata: the handler's own, overridden by the metadata provider's,
/// overridden by the call's. An `error` given to the call appears as the member `error`. Source file and line are left out.
package struct StructuredLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let writer: LogWriter
    private let redaction: LogRedaction

    /// - Parameters:
    ///   - label: names the part of the server that speaks.
    ///   - writer: where the lines go.
    ///   - level: what is less severe is not written.
    ///   - redaction: what is hidden.
    package init(
        label: String, writer: LogWriter, level: Logger.Level, metadataProvider: Logger.MetadataProvider? = nil,
        redaction: LogRedaction = LogRedaction()
    ) {
        self.label = label
        self.writer = writer
        self.logLevel = level
        self.metadataProvider = metadataProvider
        self.redaction = redaction
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        // Foreign code (descriptions, the metadata provider) runs here, before the writer's lock is taken.
        var line: [UInt8] = []
        line.reserveCapacity(256)
        LogLineHead.append(
            level: event.level, label: label, message: redaction.masked(event.message.description), format: writer.format,
            colored: writer.colored, to: &line)
        LogMetadataEncoder.append(Self.merged(event, over: self), format: writer.format, hiding: redaction, to: &line)
        writer.write(urgent: event.level >= .error) { $0.append(contentsOf: line) }
    }

    /// What stands beside a line's message: the handler's own, what its provider knows, and what the call gives, the last of which wins.
    static func merged(_ event: LogEvent, over handler: some LogHandler) -> Logger.Metadata {
        var all = handler.metadata
        if let provided = handler.metadataProvider?.get(), !provided.isEmpty {
            all.merge(provided) { _, new in new }
        }
        if let given = event.metadata, !given.isEmpty {
            all.merge(given) { _, new in new }
        }
        if let error = event.error {
            all["error"] = .string(String(describing: error))
        }
        return all
    }
}
