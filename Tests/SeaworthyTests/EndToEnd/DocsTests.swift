import Foundation
import NIOHTTP1
import Testing

@Suite struct `The page at docs` {
    @Test func `is served with its files, whole, in short and by HEAD`() async throws {
        try await ExampleServer.with { server in
            for path in ["/docs", "/docs/docs.css", "/docs/docs.js"] {
                // As it is: a client that unpacks by itself trips over a HEAD of what would be packed.
                let identity: HTTPHeaders = ["Accept-Encoding": "identity"]
                let whole = try await server.api.get(path, headers: identity)
                #expect(whole.status == 200)
                let source = server.sources.appendingPathComponent(path == "/docs" ? "docs.html" : String(path.dropFirst("/docs/".count)))
                #expect(try whole.body == String(contentsOf: source, encoding: .utf8))
                #expect(whole.headers["Content-Security-Policy"].count == 1)
                let head = try await server.api.send(.HEAD, path, headers: identity)
                #expect(head.status == 200 && head.body.isEmpty)
                for name in ["ETag", "Content-Type", "Cache-Control", "Content-Security-Policy", "Content-Length"] {
                    #expect(head.headers[name] == whole.headers[name], "\(name)")
                }
                let known = try await server.api.get(path, headers: ["If-None-Match": whole.headers["ETag"][0]])
                #expect(known.status == 304 && known.body.isEmpty)
                #expect(known.headers["Content-Security-Policy"] == whole.headers["Content-Security-Policy"])
                let packed = try await server.api.get(path, headers: ["Accept-Encoding": "gzip"]).headers["ETag"]
                #expect(packed != whole.headers["ETag"])
                #expect(try await server.api.get(path, headers: ["If-None-Match": packed[0], "Accept-Encoding": "gzip"]).status == 304)
                #expect(try await server.api.send(.POST, path).status == 405)
            }
            #expect(try await server.api.get("/docs").headers["Content-Security-Policy"][0].contains("script-src 'self'"))
            #expect(try await server.api.get("/docs/docs.js").headers["Content-Security-Policy"][0].hasPrefix("default-src 'none'; frame-"))
        }
    }
}

extension ExampleServer {
    /// The files of the page as they stand in the source tree.
    fileprivate var sources: URL {
        Self.example.appendingPathComponent("../../Sources/SeaworthyHTTP/Docs/Page")
    }
}
