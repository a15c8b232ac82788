import Logging
import NIOHTTP1
import SeaworthySchema
import SeaworthyTelemetry
import ServiceLifecycle
import Tracing

/// Exports the traces of this process while it runs, and at its end what waits.
struct TraceKeeper: Service {
    private let exporter: TraceExporter

    var tracer: any Tracer { exporter.tracer }

    /// Nil where the settings name no receiver. From here on every span of the process is made by it.
    static func bootstrapped(_ settings: Settings, schema: Schema, logger: Logger) -> TraceKeeper? {
        guard let tracing = settings.tracing else { return nil }
        let resource = TraceResource(
            service: tracing.serviceName ?? schema.name, version: ApplicationVersion.text,
            instance: String(UInt64.random(in: 0 ... .max), radix: 16), environment: settings.environment.rawValue,
            further: tracing.attributes)
        let exporter = TraceExporter(
            url: tracing.url, headers: HTTPHeaders(tracing.headers.map { ($0.name, $0.value) }), form: tracing.form,
            sampler: tracing.sampler, resource: resource, logger: logger)
        InstrumentationSystem.bootstrap(exporter.tracer)
        return TraceKeeper(exporter: exporter)
    }

    func run() async throws {
        await withGracefulShutdownHandler {
            await exporter.run()
        } onGracefulShutdown: {
            exporter.close()
        }
    }
}
