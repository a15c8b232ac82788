import Foundation
import Testing

@testable import SeaworthyHTTP

@Suite(.timeLimit(.minutes(2))) struct `Static files` {
    private let folder: PublicFolder

    init() throws {
        folder = try PublicFolder()
        try folder.write("<h1>home</h1>", to: "index.html")
        try folder.write("body{}", to: "style.css")
        try folder.setModified("style.css", seconds: 784_111_777)
    }

    private func serve(during body: @Sendable (TestServer) async throws -> Void) async throws {
        try await TestServer.run(files: StaticFiles(folder: folder.path), during: body)
    }

    private static func request(_ path: String, _ fields: String = "", method: String = "GET") -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: h\r\n\(fields)\r\n"
    }

    @Test func `are served where no route is`() async throws {
        try folder.write("not this", to: "hello")
        try folder.write("<h1>docs</h1>", to: "docs/index.html")
        try folder.write("not this either", to: "v1/orders")
        try folder.write("a b", to: "a b.txt")
        try await serve { server in
            let client = try server.connect()
            let home = try await client.ask(Self.request("/?x=1"))
            #expect(home.status == 200)
            #expect(home.body == "<h1>home</h1>")
            #expect(home["content-type"] == "text/html; charset=utf-8")
            #expect(home["content-security-policy"] == "default-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'")
            #expect(home["x-content-type-options"] == "nosniff")
            #expect(home["cache-control"] == "public, max-age=0, must-revalidate")
            #expect(home["accept-ranges"] == "bytes")
            #expect(try await client.ask(Self.request("/hello")).body == "hello")
            #expect(try await client.ask(Self.request("/docs/")).body == "<h1>docs</h1>")
            #expect(try await client.ask(Self.request("/a%20b.txt")).body == "a b")
            let moved = try await client.ask(Self.request("/docs?x=1"))
            #expect(moved.status == 301)
            #expect(moved["location"] == "/docs/?x=1")
            for path in ["/v1/orders", "/%761/orders", "/missing", "/style.css/", "/docs/missing", "/index.html/x"] {
                let missing = try await client.ask(Self.request(path))
                #expect(missing.status == 404, "\(path)")
                #expect(missing["content-type"] == "application/problem+json")
                #expect(missing["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'")
            }
        }
    }

    @Test func `do not lead out of the folder`() async throws {
        try folder.write("HIDDEN", to: ".env")
        try folder.write("HIDDEN", to: ".git/config")
        try folder.write("inside", to: "real/file.txt")
        try folder.link("out.txt", to: "../secret.txt")
        try folder.link("outside", to: "..")
        try folder.link("absolute", to: "/etc")
        try folder.link("hidden.txt", to: ".env")
        try folder.link("loop", to: "loop")
        try folder.link("inside.txt", to: "real/file.txt")
        try folder.write("sibling", to: "../publicly/file.txt")
        try folder.link("sibling", to: "../publicly")
        let spellings = [
            "/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/%2e%2e%2fsecret.txt", "/real/../../secret.txt", "/..\\secret.txt",
            "/..%5csecret.txt", "/%252e%252e/secret.txt", "/%c0%ae%c0%ae/secret.txt", "//etc/passwd", "/%2fetc/passwd", "/style.css%00.txt",
            "/.env", "/%2eenv", "/.git/config", "/./style.css", "/out.txt", "/outside/secret.txt", "/absolute/passwd", "/hidden.txt",
            "/loop",
            "/real", "/real/", "/outside/", "/outside/public/style.css/..", "/sibling/file.txt", "http:/etc/passwd",
        ]
        try await serve { server in
            for path in spellings {
                for method in ["GET", "PUT"] {
                    let answer = try await server.connect().ask(Self.request(path, method: method))
                    #expect(answer.status == (path.hasPrefix("http:") ? 400 : 404), "\(method) \(path)")
                    #expect(!answer.body.contains("secret\"") && !answer.body.contains("HIDDEN") && !answer.body.contains("root:"))
                }
            }
            #expect(try await server.connect().ask(Self.request("/inside.txt")).body == "inside")
        }
    }

    @Test func `are regular files that may be read`() async throws {
        mkfifo(folder.path + "/pipe.txt", 0o600)
        try folder.write("", to: "empty.txt")
        try await serve { server in
            let client = try server.connect()
            #expect(try await client.ask(Self.request("/pipe.txt")).status == 404)
            #expect(try await client.ask(Self.request("/" + String(repeating: "x", count: 1000))).status == 404)
            let empty = try await client.ask(Self.request("/empty.txt"))
            #expect(empty.status == 200)
            #expect(empty["content-length"] == "0")
        }
    }

    @Test func `take GET and HEAD only`() async throws {
        try await serve { server in
            let client = try server.connect()
            for method in ["POST", "PUT", "PATCH", "DELETE"] {
                let refused = try await client.ask(Self.request("/style.css", method: method))
                #expect(refused.status == 405)
                #expect(refused["allow"] == "GET, HEAD, OPTIONS")
                #expect(try await client.ask(Self.request("/missing.css", method: method)).status == 404)
            }
            let options = try await client.ask(Self.request("/style.css", method: "OPTIONS"))
            #expect(options.status == 204)
            #expect(options["allow"] == "GET, HEAD, OPTIONS")
            let head = try await client.ask(Self.request("/style.css", "Range: bytes=0-1\r\n", method: "HEAD"), isHead: true)
            #expect(head.status == 200)
            #expect(head["content-length"] == "6")
            #expect(try await client.ask(Self.request("/style.css")).body == "body{}")
        }
    }

    @Test func `are sent again only when they have changed`() async throws {
        try await serve { [folder] server in
            let client = try server.connect()
            let first = try await client.ask(Self.request("/style.css"))
            let tag = try #require(first["etag"])
            #expect(tag.hasPrefix("\"") && tag.count > 10)
            #expect(first["last-modified"] == "Sun, 06 Nov 1994 08:49:37 GMT")
            for (field, status) in [
                ("If-None-Match: \(tag)", 304), ("If-None-Match: W/\(tag)", 304), ("If-None-Match: \"x\", \(tag)", 304),
                ("If-None-Match: *", 304),
                ("If-None-Match: \"x\"", 200), ("If-None-Match: x", 400), ("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", 304),
                ("If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT", 200), ("If-Modified-Since: Sun Nov  6 08:49:38 1994", 304),
                ("If-Modified-Since: yesterday", 200),
                ("If-None-Match: \"x\"\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", 200), ("If-Match: \(tag)", 200),
                ("If-Match: \"x\"", 412), ("If-Match: W/\(tag)", 412), ("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT", 412),
                ("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT", 200),
                ("If-Match: \(tag)\r\nIf-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT", 200),
                ("If-Match: \(tag)\r\nIf-None-Match: \(tag)", 304),
            ] {
                let answer = try await client.ask(Self.request("/style.css", field + "\r\n"))
                #expect(answer.status == status, "\(field)")
                if status == 304 {
                    #expect(answer["etag"]?.hasSuffix(tag) == true)
                    #expect(answer["cache-control"] == first["cache-control"])
                    #expect(answer["vary"] == "Accept-Encoding")
                    #expect(answer["content-length"] == nil)
                }
            }
            try folder.write("BODY{}", to: "style.css")
            try folder.setModified("style.css", seconds: 784_111_778)
            let changed = try await client.ask(Self.request("/style.css", "If-None-Match: \(tag)\r\n"))
            #expect(changed.status == 200)
            #expect(changed["etag"] != tag)
        }
    }

    @Test func `never claim to be newer than now`() async throws {
        try folder.setModified("style.css", seconds: 4_000_000_000)
        let files = StaticFiles(folder: folder.path, now: { 1_000_000_000 })
        try await TestServer.run(files: files) { server in
            let client = try server.connect()
            let answer = try await client.ask(Self.request("/style.css"))
            #expect(answer["last-modified"] == "Sun, 09 Sep 2001 01:46:40 GMT")
            // It may yet change within this second, so its time vouches for no part of it.
            let range = "Range: bytes=0-1\r\nIf-Range: Sun, 09 Sep 2001 01:46:40 GMT\r\n"
            #expect(try await client.ask(Self.request("/style.css", range)).status == 200)
        }
    }

    @Test func `are sent in part`() async throws {
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 4) }
        try folder.write(bytes, to: "film.mp4")
        try folder.setModified("film.mp4", seconds: 784_111_777)
        try await serve { server in
            let client = try server.connect()
            let whole = try await client.ask(Self.request("/film.mp4"))
            #expect(whole.content == bytes)
            #expect(whole["content-length"] == "200000")
            let tag = try #require(whole["etag"])
            for (range, part) in [
                ("bytes=0-0", 0...0), ("bytes=100-199", 100...199), ("bytes=199999-", 199_999...199_999), ("bytes=-5", 199_995...199_999),
                ("bytes=10-150009", 10...150_009), ("bytes=0-\r\nIf-Range: \(tag)", 0...199_999),
                ("bytes=1-\r\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT", 1...199_999),
            ] {
                let answer = try await client.ask(Self.request("/film.mp4", "Range: \(range)\r\n"))
                #expect(answer.status == 206)
                #expect(answer["content-range"] == "bytes \(part.lowerBound)-\(part.upperBound)/200000")
                #expect(answer["content-length"] == "\(part.count)")
                #expect(answer.content == Array(bytes[part]))
                #expect(answer["etag"] == tag)
            }
            for range in [
                "bytes=0-1,3-4", "bytes=5-4", "items=0-1", "bytes=0-1\r\nIf-Range: \"x\"", "bytes=0-1\r\nIf-Range: W/\(tag)",
                "bytes=0-1\r\nIf-Range: Sun, 06 Nov 1994 08:49:38 GMT",
            ] {
                let answer = try await client.ask(Self.request("/film.mp4", "Range: \(range)\r\n"))
                #expect(answer.status == 200, "\(range)")
                #expect(answer.content.count == 200_000)
            }
            let beyond = try await client.ask(Self.request("/film.mp4", "Range: bytes=200000-\r\n"))
            #expect(beyond.status == 416)
            #expect(beyond["content-range"] == "bytes */200000")
            #expect(beyond.body.contains(#""code":"range_not_satisfiable""#))
        }
    }

    @Test func `are compressed when they are text, but for parts`() async throws {
        let text = String(repeating: "p { color: red }\n", count: 20_000)
        try folder.write(text, to: "long.css")
        try folder.write(String(text.prefix(5000)), to: "short.css")
        try folder.write(text, to: "picture.png")
        try await serve { server in
            let client = try server.connect()
            for (path, expected) in [("/long.css", text), ("/short.css", String(text.prefix(5000)))] {
                let plain = try await client.ask(Self.request(path))
                let tag = try #require(plain["etag"])
                #expect(plain["content-length"] == "\(expected.count)")
                let answer = try await client.ask(Self.request(path, "Accept-Encoding: gzip\r\n"))
                #expect(answer["content-encoding"] == "gzip")
                #expect(answer["etag"] == "\(tag.dropLast())-gzip\"")
                #expect(Gunzip.all(answer.content) == expected)
                let again = try await client.ask(Self.request(path, "Accept-Encoding: gzip\r\nIf-None-Match: \(answer["etag"] ?? "")\r\n"))
                #expect(again.status == 304)
                #expect(again["etag"] == answer["etag"])
                let part = try await client.ask(Self.request(path, "Accept-Encoding: gzip\r\nRange: bytes=0-2999\r\n"))
                #expect(part.status == 206)
                #expect(part["content-encoding"] == nil)
                #expect(part["vary"] == "Accept-Encoding")
                #expect(part.body == expected.prefix(3000))
            }
            let picture = try await client.ask(Self.request("/picture.png", "Accept-Encoding: gzip\r\n"))
            #expect(picture["content-encoding"] == nil)
            #expect(picture["vary"] == nil)
        }
    }

    @Test func `are kept for ever when their name has a hash`() async throws {
        try folder.write("x", to: "app.0a1b2c3d.js")
        try folder.write("x", to: "app.20250101.js")
        try await serve { server in
            let client = try server.connect()
            #expect(try await client.ask(Self.request("/app.0a1b2c3d.js"))["cache-control"] == "public, max-age=31536000, immutable")
            #expect(try await client.ask(Self.request("/app.20250101.js"))["cache-control"] == "public, max-age=0, must-revalidate")
        }
    }

    @Test func `break off when the file shrinks meanwhile`() async throws {
        try folder.write([UInt8](repeating: 120, count: 20_000_000), to: "film.mp4")
        try await serve { [folder] server in
            let client = try server.connect()
            try await client.send(Self.request("/film.mp4"))
            #expect(try await client.head()["content-length"] == "20000000")
            _ = truncate(folder.path + "/film.mp4", 10)
            #expect(try await client.rest().utf8.count < 20_000_000)
        }
    }

    @Test func `need a folder`() throws {
        #expect(StaticFiles(folder: folder.path + "/missing") == nil)
        #expect(StaticFiles(folder: folder.path + "/style.css") == nil)
        #expect(StaticFiles(folder: folder.path) != nil)
    }
}
