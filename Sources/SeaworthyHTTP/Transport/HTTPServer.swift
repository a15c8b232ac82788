import HummingbirdCore
package import Logging
package import NIOCore
import NIOPosix
import ServiceLifecycle

/// Listens, and answers by a ``RequestPipeline`` until it is asked to stop.
///
/// A graceful shutdown flips readiness, stops accepting, closes idle connections and lets running requests finish, answered with
/// `Connection: close`; what still runs after ``HTTPSettings/shutdownGracePeriod`` is closed by force.
package struct HTTPServer: Service {
    private let settings: HTTPSettings
    private let pipeline: RequestPipeline
    private let health: HealthState
    private let eventLoopGroup: any EventLoopGroup
    private let logger: Logger
    private let onRunning: @Sendable (Int) async -> Void

    /// - Parameter onRunning: Told the port once connections are accepted; before ``HealthState`` becomes ready.
    package init(
        settings: HTTPSettings,
        pipeline: RequestPipeline,
        health: HealthState,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger,
        onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.settings = settings
        self.pipeline = pipeline
        self.health = health
        self.eventLoopGroup = eventLoopGroup
        self.logger = logger
        self.onRunning = onRunning
    }

    /// - Throws: ``HTTPServerError`` when the address cannot be listened on.
    package func run() async throws {
        guard (0...65_535).contains(settings.port) else { throw HTTPServerError.invalidPort(settings.port) }
        let registry = ConnectionRegistry(maximum: settings.maximumConnections, metrics: pipeline.metrics)
        let certificates = try await makeCertificates()
        let server = Server(
            childChannelSetup: HTTPConnectionChannel(
                settings: settings, pipeline: pipeline, registry: registry, clock: HTTPClock(), certificates: certificates),
            configuration: ServerConfiguration(address: .hostname(settings.host, port: settings.port), backlog: settings.backlog),
            onServerRunning: { [onRunning, health] channel in
                await onRunning(channel.localAddress?.port ?? 0)
                health.becomeReady()
            },
            eventLoopGroup: eventLoopGroup,
            logger: serverLogger)
        do {
            try await withGracefulShutdownHandler {
                try await Self.refreshing(certificates, every: settings.certificateInterval) { try await server.run() }
            } onGracefulShutdown: {
                health.beginDraining()
                registry.beginDraining()
                eventLoopGroup.next().scheduleTask(in: settings.shutdownGracePeriod) {
                    registry.closeAll()
                }
            }
        } catch {
            throw HTTPServerError(listeningOn: settings.host, port: settings.port, portName: settings.portName, error: error)
        }
    }

    private func makeCertificates() async throws -> TLSCertificates? {
        guard let files = settings.tls else { return nil }
        do {
            return try await NIOThreadPool.singleton.runIfActive { [logger, pipeline] in
                try TLSCertificates(files, metrics: pipeline.metrics, logger: logger)
            }
        } catch let fault as TLSFault {
            throw HTTPServerError(fault, in: files)
        }
    }

    /// Looks at the files of the certificate while `body` runs.
    private static func refreshing(
        _ certificates: TLSCertificates?, every interval: TimeAmount, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        guard let certificates else { return try await body() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: .nanoseconds(interval.nanoseconds))
                    try? await NIOThreadPool.singleton.runIfActive { certificates.refresh() }
                }
            }
            defer { group.cancelAll() }
            try await body()
        }
    }

    /// Hummingbird's server tells of its own states; only its faults are of interest.
    private var serverLogger: Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}
