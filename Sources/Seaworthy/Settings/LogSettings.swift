public import Logging
package import SeaworthyTelemetry

/// What is logged, and how. From `LOG_LEVEL`, `LOG_FORMAT`.
public struct LogSettings: Sendable, Equatable {
    public internal(set) var level: Logger.Level
    package let format: LogFormat
}
