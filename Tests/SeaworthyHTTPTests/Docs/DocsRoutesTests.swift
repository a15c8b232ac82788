import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import Testing

@testable import SeaworthyHTTP

@Suite struct `The page of docs` {
    private static let files = ["/docs/docs.css", "/docs/docs.js"]
    private static let paths = ["/docs"] + files

    private func ask(_ path: String, headers: HTTPHeaders = [:]) async throws -> (response: Response, body: String) {
        let pipeline = RequestPipeline(routes: try RouteTable(DocsRoutes.routes), logger: TestServer.quietLogger)
        let response = await pipeline.answer(HTTPExchange(.get, path, headers: headers)).response
        let writer = CollectingWriter()
        try await response.body.write(writer)
        return (response, String(buffer: writer.buffer))
    }

    /// Every address that the text names in an attribute or a stylesheet.
    private func references(in text: String) -> [String] {
        text.matches(of: /(?:href|src|action|data-document)="([^"]*)"|url\(([^)]*)\)|@import\s+([^;]+)/).map { match in
            String(match.1 ?? match.2 ?? match.3 ?? "")
        }
    }

    @Test(arguments: zip(files, ["text/css; charset=utf-8", "text/javascript; charset=utf-8"]))
    func `has its files in their types, to be asked for again each time`(path: String, type: String) async throws {
        let (response, body) = try await ask(path)
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == type)
        #expect(response.headers[.cacheControl] == "no-cache")
        #expect(!body.isEmpty)
        #expect(response.body.contentLength == body.utf8.count)
    }

    @Test func `runs and loads nothing but what it names, by a word that is new each time`() async throws {
        var nonces: Set<String> = []
        for _ in 0..<3 {
            let (response, body) = try await ask("/docs")
            #expect(response.status == .ok && response.body.contentLength == body.utf8.count)
            #expect(response.headers[.contentType] == "text/html; charset=utf-8" && response.headers[.cacheControl] == "no-store")
            let words = body.matches(of: /nonce="([^"]*)"/).map { String($0.1) }
            let nonce = try #require(words.first)
            #expect(words == [nonce, nonce] && nonce.utf8.count == 43 && !body.contains(EmbeddedPage.placeholder))
            #expect(
                response.headers[.contentSecurityPolicy]
                    == "default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
            )
            nonces.insert(nonce)
        }
        #expect(nonces.count == 3)
        // The others keep what the transport gives every answer.
        #expect(try await ask("/docs/docs.css").response.headers[.contentSecurityPolicy] == nil)
        #expect(try await ask("/docs/docs.js").response.headers[.contentSecurityPolicy] == nil)
    }

    @Test func `refers to nothing that is not there`() async throws {
        let page = try await ask("/docs").body
        let style = try await ask("/docs/docs.css").body
        #expect(references(in: style).isEmpty)
        let found = Set(references(in: page))
        #expect(found == ["data:,", "docs/docs.css", "docs/docs.js", "openapi.json", "#operations"])
        for address in found where address.hasPrefix("docs/") {
            #expect(try await ask("/" + address).response.status == .ok)
        }
        #expect(page.contains(#"id="operations""#))
    }

    @Test(arguments: paths) func `names no other host`(path: String) async throws {
        let body = try await ask(path).body
        // A value to begin with for fields that hold a URL is no address that is asked for.
        let hosts = body.replacing(#"uri: "https://example.com/""#, with: "").matches(of: /(?:https?:|wss?:)?\/\/[a-z0-9.-]+\.[a-z]{2,}/)
        #expect(hosts.map { String($0.0) } == [])
    }

    @Test func `writes no HTML, runs no text and keeps nothing in the browser`() async throws {
        let script = try await ask("/docs/docs.js").body
        for name in [
            "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "DOMParser", "createContextualFragment",
            "localStorage", "sessionStorage", "indexedDB", "document.cookie", "import(",
        ] {
            #expect(!script.contains(name), "\(name)")
        }
        let page = try await ask("/docs").body
        // What the policy would refuse: scripts and styles within the page.
        #expect(page.matches(of: /<script[^>]*>\s*[^<\s]|<style|style="|\son[a-z]+="/).isEmpty)
    }

    @Test(arguments: files) func `answers 304 to whoever has a file`(path: String) async throws {
        let first = try await ask(path).response
        let tag = try #require(first.headers[.eTag])
        #expect(tag.hasPrefix("\"") && tag.hasSuffix("\"") && tag.count > 8)
        let compressed = "\(tag.dropLast())-gzip\""
        for known in [tag, "W/\(tag)", compressed, "W/\(compressed)", "\"other\", \(tag)", "*", "\"a\",W/\(tag) ,\"b\""] {
            let (response, body) = try await ask(path, headers: ["If-None-Match": known])
            #expect(response.status == .notModified, "\(known)")
            #expect(body.isEmpty)
            #expect(response.headers[.eTag] == tag)
            #expect(response.headers[.cacheControl] == "no-cache")
        }
        #expect(try await ask(path, headers: ["If-None-Match": "\"other\", \"\(tag.dropFirst(2))"]).response.status == .ok)
        for broken in [String(tag.dropFirst().dropLast()), "w/\(tag)", ""] {
            #expect(try await ask(path, headers: ["If-None-Match": broken]).response.status == .badRequest, "\(broken)")
        }
    }

    @Test func `has another tag for other bytes`() {
        func tag(_ text: String) -> String { EmbeddedFile(Array(text.utf8), contentType: "text/plain").tag }
        #expect(tag("a") == tag("a"))
        // The hash of its authors' test vectors.
        #expect(tag("foobar") == "85944171f73967e8-6")
        #expect(Set(["", "a", "b", "ab", "ba"].map(tag)).count == 5)
    }

    @Test(arguments: paths) func `takes no parameters`(path: String) async throws {
        #expect(try await ask(path + "?v=1").response.status == .badRequest)
    }

    @Test(arguments: ["/docs/", "/docs/docs.html", "/docs/docs.css/", "/docs/../openapi.json"])
    func `has nothing beside its files`(path: String) async throws {
        #expect(try await ask(path).response.status == .notFound)
    }
}
