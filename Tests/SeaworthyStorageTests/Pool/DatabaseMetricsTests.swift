import Metrics
import MetricsTestKit
import SeaworthyStorage
import Testing

@Suite struct DatabaseMetricsTests {
    private let backend = TestMetrics()
    private let common = [("db_system_name", "postgresql"), ("pool", "primary")]

    @Test func `connections are told by their state`() throws {
        let metrics = DatabaseMetrics(system: "postgresql", factory: backend)
        var now = ConnectionPoolStatistics()
        now.size = 10
        now.used = 3
        now.idle = 2
        now.waiting = 7
        metrics.report(now, since: ConnectionPoolStatistics())
        #expect(try backend.expectGauge("db_client_connections", common + [("state", "used")]).lastValue == 3)
        #expect(try backend.expectGauge("db_client_connections", common + [("state", "idle")]).lastValue == 2)
        #expect(try backend.expectGauge("db_client_connection_pending_requests", common).lastValue == 7)
        #expect(try backend.expectGauge("db_client_connections_max", common).lastValue == 10)
    }

    @Test func `what happened is counted on`() throws {
        let metrics = DatabaseMetrics(system: "postgresql", factory: backend)
        func statistics(_ base: UInt64) -> ConnectionPoolStatistics {
            var statistics = ConnectionPoolStatistics()
            statistics.created = base + 10
            statistics.closed = base * 2
            statistics.lost = base * 3
            statistics.failed = base * 4
            statistics.timedOut = base * 5
            return statistics
        }
        metrics.report(statistics(3), since: statistics(1))
        metrics.report(statistics(3), since: statistics(3))
        for (name, count) in [
            ("db_client_connections_created_total", 2), ("db_client_connections_closed_total", 4), ("db_client_connections_lost_total", 6),
            ("db_client_connection_failures_total", 8), ("db_client_connection_timeouts_total", 10),
        ] as [(String, Int64)] {
            #expect(try backend.expectCounter(name, common).totalValue == count, "\(name)")
        }
    }

    @Test func `times are told for each kind of operation`() throws {
        let metrics = DatabaseMetrics(system: "sqlite", pool: "replica-1", factory: backend)
        let dimensions = [("db_system_name", "sqlite"), ("pool", "replica-1")]
        metrics.waited(1_500)
        metrics.ran(.query, 10)
        metrics.ran(.batch, 30)
        metrics.ran(.batch, 40)
        let durations = { try backend.expectTimer("db_client_operation_duration_seconds", dimensions + [("db_operation_name", $0)]).values }
        #expect(try backend.expectTimer("db_client_connection_wait_seconds", dimensions).values == [1_500])
        #expect(try durations("query") == [10])
        #expect(try durations("batch") == [30, 40])
        #expect(try durations("execute") == [])
    }

    @Test func `a driver that reports no connections has no numbers of them`() throws {
        let metrics = DatabaseMetrics(system: "sqlite", reportsConnections: false, factory: backend)
        metrics.waited(1)
        var now = ConnectionPoolStatistics()
        now.created = 1
        metrics.report(now, since: ConnectionPoolStatistics())
        metrics.ran(.query, 10)
        let dimensions = [("db_system_name", "sqlite"), ("pool", "primary")]
        #expect(
            try backend.expectTimer("db_client_operation_duration_seconds", dimensions + [("db_operation_name", "query")]).values == [10])
        #expect(throws: (any Error).self) { try backend.expectTimer("db_client_connection_wait_seconds", dimensions) }
        #expect(throws: (any Error).self) { try backend.expectGauge("db_client_connections_max", dimensions) }
        #expect(throws: (any Error).self) { try backend.expectCounter("db_client_connections_created_total", dimensions) }
    }
}
