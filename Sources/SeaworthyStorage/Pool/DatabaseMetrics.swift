package import Metrics

/// What a database reports of its connections and statements, under the names of OpenTelemetry's conventions with Prometheus' endings.
/// <https://opentelemetry.io/docs/specs/semconv/database/database-metrics/>
package struct DatabaseMetrics: Sendable {
    /// What a statement was run for.
    package enum Operation: String, CaseIterable, Sendable {
        case query
        case execute
        case batch
    }

    private let used: Gauge
    private let idle: Gauge
    private let pending: Gauge
    private let maximum: Gauge
    private let created: Counter
    private let closed: Counter
    private let lost: Counter
    private let failed: Counter
    private let timeouts: Counter
    private let wait: Timer
    private let durations: [Operation: Timer]

    /// The handles come from the metrics system as it is now.
    ///
    /// - Parameters:
    ///   - system: such as `postgresql`.
    ///   - pool: tells this database's connections from those of its replicas.
    ///   - factory: where the handles come from; nil is the system's.
    package init(system: String, pool: String = "primary", factory: (any MetricsFactory)? = nil) {
        let factory = factory ?? MetricsSystem.factory
        let common = [("db_system_name", system), ("pool", pool)]
        func counter(_ name: String) -> Counter { Counter(label: name, dimensions: common, factory: factory) }
        func gauge(_ name: String, _ more: (String, String)...) -> Gauge {
            Gauge(label: name, dimensions: common + more, factory: factory)
        }
        used = gauge("db_client_connections", ("state", "used"))
        idle = gauge("db_client_connections", ("state", "idle"))
        pending = gauge("db_client_connection_pending_requests")
        maximum = gauge("db_client_connections_max")
        created = counter("db_client_connections_created_total")
        closed = counter("db_client_connections_closed_total")
        lost = counter("db_client_connections_lost_total")
        failed = counter("db_client_connection_failures_total")
        timeouts = counter("db_client_connection_timeouts_total")
        wait = Timer(label: "db_client_connection_wait_seconds", dimensions: common, factory: factory)
        durations = Dictionary(
            uniqueKeysWithValues: Operation.allCases.map { operation in
                let timer = Timer(
                    label: "db_client_operation_duration_seconds", dimensions: common + [("db_operation_name", operation.rawValue)],
                    factory: factory)
                return (operation, timer)
            })
    }

    /// A statement or a transaction had its connection after so many nanoseconds.
    package func waited(_ nanoseconds: UInt64) {
        wait.recordNanoseconds(Int64(clamping: nanoseconds))
    }

    package func ran(_ operation: Operation, _ nanoseconds: UInt64) {
        durations[operation]?.recordNanoseconds(Int64(clamping: nanoseconds))
    }

    /// Reports what changed since `last`.
    package func report(_ now: ConnectionPoolStatistics, since last: ConnectionPoolStatistics) {
        used.record(now.used)
        idle.record(now.idle)
        pending.record(now.waiting)
        maximum.record(now.size)
        func count(_ counter: Counter, _ value: KeyPath<ConnectionPoolStatistics, UInt64>) {
            let difference = now[keyPath: value] &- last[keyPath: value]
            if difference > 0 { counter.increment(by: Int64(clamping: difference)) }
        }
        count(created, \.created)
        count(closed, \.closed)
        count(lost, \.lost)
        count(failed, \.failed)
        count(timeouts, \.timedOut)
    }
}
