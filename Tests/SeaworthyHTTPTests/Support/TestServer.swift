import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import SeaworthyHTTP
import ServiceLifecycle
import Synchronization

/// A server on a free port, with what it observed.
final class TestServer: Sendable {
    let port: Int
    let health: HealthState
    let log: AccessLog
    private let group: ServiceGroup

    private init(port: Int, health: HealthState, log: AccessLog, group: ServiceGroup) {
        self.port = port
        self.health = health
        self.log = log
        self.group = group
    }

    func stop() async {
        await group.triggerGracefulShutdown()
    }

    func connect() throws -> RawClient {
        try RawClient(port: port)
    }

    /// Runs a server with `routes` during `body`, then stops it, and waits for its end.
    static func run(
        _ routes: [Route] = TestRoutes.all, files: StaticFiles? = nil, probes: [HealthProbe] = [],
        mapping: @escaping RequestPipeline.ProblemMapping = { _ in nil },
        faultReport: (@Sendable (RequestFault) -> Void)? = nil,
        logger: Logger = quietLogger, settings: HTTPSettings = .test { _ in }, metrics: HTTPMetrics? = nil,
        during body: @Sendable (TestServer) async throws -> Void
    ) async throws {
        let health = HealthState()
        let log = AccessLog()
        let table = try RouteTable(routes + HealthRoutes(state: health, probes: probes).routes)
        let pipeline = RequestPipeline(
            routes: table, files: files, problemMapping: mapping, accessLog: { log.append($0) }, faultReport: faultReport, metrics: metrics,
            logger: logger)
        let (ports, portFound) = AsyncStream.makeStream(of: Int.self)
        let service = HTTPServer(settings: settings, pipeline: pipeline, health: health, logger: logger) { portFound.yield($0) }
        let group = ServiceGroup(services: [service], logger: quietLogger)
        let running = Task {
            defer { portFound.finish() }
            try await group.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await running.value
            return
        }
        let server = TestServer(port: port, health: health, log: log, group: group)
        do {
            try await body(server)
        } catch {
            await server.stop()
            try await running.value
            throw error
        }
        await server.stop()
        try await running.value
    }

    static let quietLogger = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
}

extension HTTPSettings {
    /// A free port and short waits where nothing depends on them.
    static func test(_ change: (inout HTTPSettings) -> Void) -> HTTPSettings {
        var settings = HTTPSettings()
        settings.port = 0
        settings.shutdownGracePeriod = .seconds(5)
        settings.lingerTimeout = .milliseconds(500)
        change(&settings)
        return settings
    }
}

/// The access records of a server, and a way to wait for them.
final class AccessLog: Sendable {
    private let records = Mutex<[AccessRecord]>([])

    func append(_ record: AccessRecord) {
        records.withLock { $0.append(record) }
    }

    var all: [AccessRecord] {
        records.withLock { $0 }
    }

    /// The records once there are `count`, or those there are after a generous time.
    func wait(for count: Int) async throws -> [AccessRecord] {
        for _ in 0..<2000 where all.count < count {
            try await Task.sleep(for: .milliseconds(10))
        }
        return all
    }
}

/// Routes that show what the transport does.
enum TestRoutes {
    static let all = [
        Route(.get, "/hello", operation: "hello") { _ in text("hello") },
        Route(.get, "/things/{key}", operation: "readThing") { text("key=\($0.parameters["key"] ?? "?") query=\($0.rawQuery ?? "-")") },
        Route(.post, "/echo", operation: "echo") { exchange in
            Response(status: .ok, body: ResponseBody(byteBuffer: try await exchange.collectBody()))
        },
        Route(.post, "/unread", operation: "unread") { _ in text("not read") },
        Route(.get, "/fail", operation: "fail") { _ in throw Fault(text: "secret-of-the-fault") },
        Route(.get, "/nothing", operation: "nothing") { _ in Response(status: .noContent) },
        Route(.get, "/stream", operation: "stream") { _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain"],
                body: ResponseBody { writer in
                    for _ in 0..<3 {
                        try await writer.write(ByteBuffer(repeating: UInt8(ascii: "x"), count: 100_000))
                    }
                    try await writer.finish(nil)
                })
        },
        Route(.get, "/broken-stream", operation: "brokenStream") { _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(repeating: UInt8(ascii: "x"), count: 100_000))
                    throw Fault(text: "midway")
                })
        },
        Route(.get, "/unstarted-stream", operation: "unstartedStream") { _ in
            Response(status: .ok, body: ResponseBody { _ in throw Fault(text: "before anything") })
        },
    ]

    struct Fault: Error {
        let text: String
    }

    static func text(_ text: String) -> Response {
        Response(status: .ok, headers: [.contentType: "text/plain"], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
