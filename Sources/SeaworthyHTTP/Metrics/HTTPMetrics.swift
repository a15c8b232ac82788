import HTTPTypes
package import Metrics
import NIOCore
import Synchronization

/// What is measured of requests and connections, by names of OpenTelemetry's conventions for HTTP.
///
/// A request is told by its route's template, never by its path, so there are no more series than routes, methods and statuses of ours.
package final class HTTPMetrics: Sendable {
    private struct Key: Hashable {
        let method: String
        let route: String
    }

    /// One route and method: a timer for each status that was answered.
    private final class Series: Sendable {
        private let key: Key
        private let factory: any MetricsFactory
        private let timers = Mutex<[(status: Int, timer: Timer)]>([])

        init(_ key: Key, _ factory: any MetricsFactory) {
            self.key = key
            self.factory = factory
        }

        func record(_ status: Int, _ duration: TimeAmount) {
            let timer = timers.withLock { timers in
                if let known = timers.first(where: { $0.status == status }) { return known.timer }
                let timer = Timer(
                    label: "http_server_request_duration_seconds",
                    dimensions: [
                        ("http_request_method", key.method), ("http_response_status_code", String(status)), ("http_route", key.route),
                    ], factory: factory)
                timers.append((status, timer))
                return timer
            }
            timer.recordNanoseconds(duration.nanoseconds)
        }
    }

    /// As OpenTelemetry has it for a method that is not HTTP's, or could not be read.
    private static let otherMethod = "_OTHER"
    private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", otherMethod]

    private let series: [Key: Series]
    private let active: Meter
    private let connections: Meter
    private let factory: any MetricsFactory

    /// - Parameters:
    ///   - routes: all that may answer. What none of them answers is told without a route.
    ///   - factory: where the handles come from.
    package init(_ routes: [Route], factory: any MetricsFactory = MetricsSystem.factory) {
        self.factory = factory
        var keys: Set<Key> = Set(Self.methods.map { Key(method: $0, route: "") })
        for route in routes {
            keys.insert(Key(method: route.method.rawValue, route: route.path))
            // What answers GET answers HEAD.
            if route.method == .get { keys.insert(Key(method: "HEAD", route: route.path)) }
        }
        series = Dictionary(uniqueKeysWithValues: keys.map { ($0, Series($0, factory)) })
        active = Meter(label: "http_server_active_requests", dimensions: [], factory: factory)
        connections = Meter(label: "http_server_open_connections", dimensions: [], factory: factory)
    }

    func requestBegan() { active.increment() }

    /// - Parameters:
    ///   - method: nil where it could not be read.
    ///   - route: its template; nil where none was reached.
    func requestEnded(_ method: HTTPRequest.Method?, _ route: String?, status: Int, _ duration: TimeAmount) {
        active.decrement()
        let method = method?.rawValue ?? Self.otherMethod
        let found =
            series[Key(method: method, route: route ?? "")] ?? series[Key(method: method, route: "")]
            ?? series[Key(method: Self.otherMethod, route: "")]
        found?.record(status, duration)
    }

    func connectionOpened() { connections.increment() }

    func connectionClosed() { connections.decrement() }

    /// - Parameter time: when the certificate that is shown ends, in seconds since 1970.
    func certificateShown(until time: Int) {
        // Only where one is: a time of 0 would be one that is over.
        Gauge(label: "tls_certificate_not_after_timestamp_seconds", dimensions: [], factory: factory).record(time)
    }
}
