import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import SeaworthyStorage
import Testing

@testable import SeaworthyHTTP

@Suite struct `Consistency of reads` {
    /// Answers with what the request's reads have to see; POST writes at the place 255.
    private static func pipeline(_ tracks: Bool = true) throws -> RequestPipeline {
        @Sendable func tell(_ exchange: HTTPExchange) async throws -> Response {
            let found = ReadConsistency.current.map { "\($0.allowsReplicas) \($0.position)" } ?? "none"
            return Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: found)))
        }
        @Sendable func write(_ exchange: HTTPExchange) async throws -> Response {
            ReadConsistency.current?.wrote(255)
            if exchange.rawQuery != nil { throw Problem.notFound() }
            return try await tell(exchange)
        }
        return RequestPipeline(
            routes: try RouteTable([
                Route(.get, "/v1/books", operation: "list", handler: tell), Route(.post, "/v1/books", operation: "create", handler: write),
                Route(.post, "/v1/books/query", operation: "query", handler: tell),
                Route(.post, "/v1/query", operation: "createQuery", handler: tell),
            ]), tracksConsistency: tracks, logger: TestServer.quietLogger)
    }

    private static func answer(
        _ method: HTTPRequest.Method, _ target: String, _ headers: HTTPHeaders = [:], tracks: Bool = true
    ) async throws -> (body: String, headers: HTTPFields) {
        let response = try await pipeline(tracks).answer(HTTPExchange(method, target, headers: headers)).response
        let writer = CollectingWriter()
        try await response.body.write(writer)
        return (String(buffer: writer.buffer), response.headers)
    }

    @Test func `a write's answer carries its place, in a header and in a cookie`() async throws {
        let (body, headers) = try await Self.answer(.post, "/v1/books")
        #expect(body == "false 0")
        #expect(headers[.consistency] == "1.ff")
        #expect(headers[.setCookie] == "seaworthy_consistency=1.ff; Path=/; Max-Age=60; HttpOnly; SameSite=Lax")
    }

    @Test func `so does the answer to a request that wrote and failed`() async throws {
        #expect(try await Self.answer(.post, "/v1/books?fail").headers[.consistency] == "1.ff")
    }

    @Test(
        arguments: [
            ([:], "true 0"), (["Seaworthy-Consistency": "1.ff"], "true 255"), (["cookie": "seaworthy_consistency=1.ff"], "true 255"),
            (["Cookie": "a=b; seaworthy_consistency=1.10; c=d"], "true 16"),
            (["seaworthy-consistency": "1.1", "cookie": "seaworthy_consistency=1.2"], "true 2"),
            (["seaworthy-consistency": "nonsense"], "false 0"), (["cookie": "xseaworthy_consistency=1.2"], "true 0"),
        ] as [(HTTPHeaders, String)])
    func `a read is told what it has to see`(headers: HTTPHeaders, found: String) async throws {
        let (body, answered) = try await Self.answer(.get, "/v1/books", headers)
        #expect(body == found)
        #expect(answered[.consistency] == nil)
        #expect(answered[.setCookie] == nil)
    }

    @Test func `a query by POST is a read, a record of an entity of that name is not`() async throws {
        #expect(try await Self.answer(.post, "/v1/books/query").body == "true 0")
        #expect(try await Self.answer(.post, "/v1/query").body == "false 0")
    }

    @Test func `without replicas there is nothing of it`() async throws {
        let (body, headers) = try await Self.answer(.post, "/v1/books", tracks: false)
        #expect(body == "none")
        #expect(headers[.consistency] == nil && headers[.setCookie] == nil)
    }
}
