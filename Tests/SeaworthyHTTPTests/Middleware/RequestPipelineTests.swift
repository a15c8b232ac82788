import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import Synchronization
import Testing

@testable import SeaworthyHTTP

/// Keeps what is logged.
final class LogKeeper: LogHandler, Sendable {
    let lines = Mutex<[String]>([])

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        let metadata = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
        lines.withLock { $0.append("\(event.level) \(event.message) \(metadata)") }
    }
}

@Suite struct `Request pipeline` {
    private struct Known: Error {}

    private let keeper = LogKeeper()
    private let pipeline: RequestPipeline

    init() throws {
        let routes = [
            Route(.get, "/a/{key}", operation: "a") { TestRoutes.text(String($0.parameters["key"] ?? "")) },
            Route(.get, "/problem", operation: "problem") { _ in throw Problem.notFound("no such order") },
            Route(.get, "/known", operation: "known") { _ in throw Known() },
            Route(.get, "/unknown", operation: "unknown") { _ in throw TestRoutes.Fault(text: "SELECT secret") },
            Route(.get, "/cancelled", operation: "cancelled") { _ in throw CancellationError() },
        ]
        let keeper = keeper
        pipeline = RequestPipeline(
            routes: try RouteTable(routes), problemMapping: { $0 is Known ? .badRequest("known") : nil },
            logger: Logger(label: "test") { _ in keeper })
    }

    private func answer(_ method: HTTPRequest.Method, _ path: String) async -> (Int, String, String?) {
        let answer = await pipeline.answer(HTTPExchange(method, path, requestID: "id-1"))
        let writer = CollectingWriter()
        try? await answer.response.body.write(writer)
        return (answer.response.status.code, String(buffer: writer.buffer), answer.routeTemplate)
    }

    @Test func `hands the raw parameters to the route`() async {
        let (status, body, template) = await answer(.get, "/a/x%2Fy,z")
        #expect(status == 200)
        #expect(body == "x%2Fy,z")
        #expect(template == "/a/{key}")
    }

    @Test func `answers a thrown problem as it stands`() async {
        let (status, body, template) = await answer(.get, "/problem")
        #expect(status == 404)
        #expect(body.contains(#""detail":"no such order""#))
        #expect(body.contains(#""requestId":"id-1""#))
        #expect(template == "/problem")
        #expect(keeper.lines.withLock { $0 }.isEmpty)
    }

    @Test func `asks the mapping about other errors`() async {
        let (status, body, _) = await answer(.get, "/known")
        #expect(status == 400)
        #expect(body.contains(#""detail":"known""#))
        #expect(keeper.lines.withLock { $0 }.isEmpty)
    }

    @Test func `logs a fault under the request's id and tells the client nothing of it`() async {
        let (status, body, template) = await answer(.get, "/unknown")
        #expect(status == 500)
        #expect(body.contains(#""code":"internal_error""#))
        #expect(!body.contains("SELECT"))
        #expect(template == "/unknown")
        let lines = keeper.lines.withLock { $0 }
        #expect(lines.count == 1)
        #expect(lines[0].hasPrefix("error request failed"))
        #expect(lines[0].contains("SELECT secret"))
        #expect(lines[0].contains("requestId=id-1"))
    }

    @Test func `does not log that a client went`() async {
        #expect(await answer(.get, "/cancelled").0 == 503)
        #expect(keeper.lines.withLock { $0 }.isEmpty)
    }

    @Test func `answers 404 and 405 for what is not routed`() async {
        let (missing, _, template) = await answer(.get, "/b")
        #expect(missing == 404)
        #expect(template == nil)
        let refused = await pipeline.answer(HTTPExchange(.post, "/a/1"))
        #expect(refused.response.status == .methodNotAllowed)
        #expect(refused.response.headers[.allow] == "GET, HEAD, OPTIONS")
        // The key is somebody's data, whatever was asked of it.
        let asked = await pipeline.answer(HTTPExchange(.options, "/a/1"))
        #expect(refused.routeTemplate == "/a/{key}" && asked.routeTemplate == "/a/{key}" && asked.response.status == .noContent)
    }
}

/// Takes a body whole.
final class CollectingWriter: ResponseBodyWriter {
    var buffer = ByteBuffer()

    func write(_ buffer: ByteBuffer) async throws {
        self.buffer.writeImmutableBuffer(buffer)
    }

    func finish(_: HTTPFields?) async throws {}
}
