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

    /// What a pool reports.
    private struct Connections {
        let used: Gauge
        let idle: Gauge
        let pending: Gauge
        let maximum: Gauge
        let created: Counter
        let closed: Counter
        let lost: Counter
        let failed: Counter
        let timeouts: Counter
        let wait: Timer

        init(_ common: [(String, String)], _ factory: any MetricsFactory) {
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
        }
    }

    private let connections: Connections?
    private let durations: [Operation: Timer]

    /// The handles come from the metrics system as it is now.
    ///
    /// - Parameters:
    ///   - system: such as `postgresql`.
    ///   - pool: tells this database's connections from those of its replicas.
    ///   - reportsConnections: false for a driver that reports none: what would stay at zero is not there.
    ///   - factory: where the handles come from; nil is the system's.
    package init(system: String, pool: String = "primary", reportsConnections: Bool = true, factory: (any MetricsFactory)? = nil) {
        let factory = factory ?? MetricsSystem.factory
        let common = [("db_system_name", system), ("pool", pool)]
        connections = reportsConnections ? Connections(common, factory) : nil
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
        connections?.wait.recordNanoseconds(Int64(clamping: nanoseconds))
    }

    package func ran(_ operation: Operation, _ nanoseconds: UInt64) {
        durations[operation]?.recordNanoseconds(Int64(clamping: nanoseconds))
    }

    /// Reports what changed since `last`.
    package func report(_ now: ConnectionPoolStatistics, since last: ConnectionPoolStatistics) {
        guard let connections else { return }
        connections.used.record(now.used)
        connections.idle.record(now.idle)
        connections.pending.record(now.waiting)
        connections.maximum.record(now.size)
        func count(_ counter: Counter, _ value: KeyPath<ConnectionPoolStatistics, UInt64>) {
            let difference = now[keyPath: value] &- last[keyPath: value]
            if difference > 0 { counter.increment(by: Int64(clamping: difference)) }
        }
        count(connections.created, \.created)
        count(connections.closed, \.closed)
        count(connections.lost, \.lost)
        count(connections.failed, \.failed)
        count(connections.timeouts, \.timedOut)
    }
}
