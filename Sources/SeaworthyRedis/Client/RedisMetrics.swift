package import Metrics

/// What is reported of Redis.
package struct RedisMetrics: Sendable {
    private let durations: Timer
    private let failures: [RedisError.Code: Counter]
    private let refusals: Counter
    private let up: Gauge

    /// - Parameter factory: where the handles come from; nil is the system's.
    package init(factory: (any MetricsFactory)? = nil) {
        let factory = factory ?? MetricsSystem.factory
        durations = Timer(label: "redis_command_duration_seconds", dimensions: [], factory: factory)
        failures = Dictionary(
            uniqueKeysWithValues: RedisError.Code.all.map { code in
                let reason = String(code.rawValue.split(separator: ".")[1])
                return (code, Counter(label: "redis_command_failures_total", dimensions: [("reason", reason)], factory: factory))
            })
        refusals = Counter(label: "redis_commands_refused_total", dimensions: [], factory: factory)
        up = Gauge(label: "redis_up", dimensions: [], factory: factory)
    }

    func ended(_ error: RedisError?, _ nanoseconds: UInt64) {
        durations.recordNanoseconds(Int64(clamping: nanoseconds))
        if let error { failures[error.code]?.increment() }
    }

    /// A command was not sent, since the server is away.
    func refused() { refusals.increment() }

    func became(isUp: Bool) { up.record(isUp ? 1 : 0) }
}
