import Foundation
import NIOHTTP1
import Testing

@Suite struct `The page at docs` {
    @Test func `is served with its files, whole, in short and by HEAD`() async throws {
        try await ExampleServer.with { server in
            // As it is: a client that unpacks by itself trips over a HEAD of what would be packed.
            let identity: HTTPHeaders = ["Accept-Encoding": "identity"]
            for name in ["docs.css", "docs.js"] {
                let path = "/docs/\(name)"
                let whole = try await server.api.get(path, headers: identity)
                #expect(whole.status == 200)
                #expect(try whole.body == String(contentsOf: server.sources.appendingPathComponent(name), encoding: .utf8))
                let head = try await server.api.send(.HEAD, path, headers: identity)
                #expect(head.status == 200 && head.body.isEmpty)
                for name in ["ETag", "Content-Type", "Cache-Control", "Content-Security-Policy", "Content-Length"] {
                    #expect(head.headers[name] == whole.headers[name], "\(name)")
                }
                let known = try await server.api.get(path, headers: ["If-None-Match": whole.headers["ETag"][0]])
                #expect(known.status == 304 && known.body.isEmpty)
                let packed = try await server.api.get(path, headers: ["Accept-Encoding": "gzip"]).headers["ETag"]
                #expect(packed != whole.headers["ETag"])
                #expect(try await server.api.get(path, headers: ["If-None-Match": packed[0], "Accept-Encoding": "gzip"]).status == 304)
                #expect(try await server.api.send(.POST, path).status == 405)
                #expect(whole.headers["Content-Security-Policy"][0].hasPrefix("default-src 'none'; frame-"))
            }
            let page = try await server.api.get("/docs", headers: identity)
            #expect(page.status == 200 && page.headers["Content-Security-Policy"].count == 1)
            let nonce = try #require(page.body.firstMatch(of: /nonce="([^"]*)"/)?.1)
            #expect(page.headers["Content-Security-Policy"][0].contains("script-src 'nonce-\(nonce)'"))
            let source = try String(contentsOf: server.sources.appendingPathComponent("docs.html"), encoding: .utf8)
            #expect(page.body == source.replacing("{{nonce}}", with: nonce))
            let head = try await server.api.send(.HEAD, "/docs", headers: identity)
            #expect(head.status == 200 && head.body.isEmpty && head.headers["Content-Length"] == page.headers["Content-Length"])
            #expect(try await server.api.send(.POST, "/docs").status == 405)
        }
    }
}

extension ExampleServer {
    /// The files of the page as they stand in the source tree.
    fileprivate var sources: URL {
        Self.example.appendingPathComponent("../../Sources/SeaworthyHTTP/Docs/Page")
    }
}
