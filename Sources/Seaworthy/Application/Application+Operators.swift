import Logging
import NIOCore
import NIOPosix
import SeaworthyHTTP
import SeaworthyTelemetry
import ServiceLifecycle

extension Application {
    /// What operators see, of the same probes as readiness.
    func operatorPages(_ health: HealthRoutes) -> OperatorPages {
        OperatorPages(health: health) { [metrics] asOpenMetrics in
            let format = asOpenMetrics ? MetricsFormat.openMetrics : .prometheus
            // It reads files of the system, and may write much.
            let text = try await NIOThreadPool.singleton.runIfActive { metrics.render(format) }
            return OperatorPages.Metrics(contentType: format.contentType, text: text)
        }
    }

    /// The listener for operators; nil without `ADMIN_PORT`. It shares no more than the host and the bounds with the server's own, and ends
    /// after it, so that it can be seen draining.
    func operatorServer(_ pages: OperatorPages, logger: Logger) throws -> HTTPServer? {
        guard let port = settings.operators.port else { return nil }
        var http = HTTPSettings()
        http.host = settings.http.host
        http.port = port
        http.portName = "ADMIN_PORT"
        http.shutdownGracePeriod = .seconds(2)
        let pipeline = RequestPipeline(
            routes: try pages.portTable(), accessLog: logs.accessLog, faultReport: logs.faultReport, logger: logger)
        // Whether the server is ready is the server's own to say.
        return HTTPServer(settings: http, pipeline: pipeline, health: HealthState(), logger: logger) { [host = settings.http.host] port in
            logger.info("listening for operators", metadata: ["address": "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"])
        }
    }
}
