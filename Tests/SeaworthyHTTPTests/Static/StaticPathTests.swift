import Testing

@testable import SeaworthyHTTP

@Suite struct `Static paths` {
    @Test(
        arguments: [
            ("/", [], true), ("/a.css", ["a.css"], false), ("/a/b.css", ["a", "b.css"], false), ("/a/", ["a"], true),
            ("/a%20b", ["a b"], false),
            ("/%C3%A9", ["é"], false), ("/a..b", ["a..b"], false), ("/v2/x", ["v2", "x"], false), ("/a/v1/x", ["a", "v1", "x"], false),
            ("/a+b", ["a+b"], false),
        ] as [(String, [String], Bool)]) func `names files below the folder`(path: String, segments: [String], isFolder: Bool)
    {
        let found = StaticPath(path[...])
        #expect(found?.segments == segments)
        #expect(found?.isFolder == isFolder)
    }

    @Test(arguments: [
        "", "*", "a", "//", "//a", "/a//b", "/..", "/../a", "/a/../b", "/./a", "/.", "/.env", "/a/.git/config", "/%2e%2e/a", "/%2E./a",
        "/.%2e", "/%2eenv", "/a%2fb", "/%2fetc", "/..%2f..", "/a%2F..%2Fb", "/a\\b", "/..\\a", "/%5c..%5ca", "/a%5Cb", "/a%00", "/%00",
        "/a%",
        "/a%zz", "/a%ff", "/%c0%ae%c0%ae/a", "/v1", "/v1/", "/v1/a", "/%761/a", "/v1/../a", "/.well-known/x",
    ]) func `lead nowhere else`(path: String) {
        #expect(StaticPath(path[...]) == nil)
    }

    @Test(arguments: [
        ("app.0a1b2c3d.js", true), ("app.0A1B2C3D.js", true), ("app.0a1b2c3d4e5f6071.min.css", true), ("a.b.0a1b2c3d.js", true),
        ("app.0a1b2c3.js", false), ("app.0a1b2c3g.js", false), ("app.js", false), ("0a1b2c3d.js", false), ("app.0a1b2c3d", false),
        ("menu.20250101.html", false), ("", false), ("app-0a1b2c3d.js", false),
    ]) func `tell a content hash from a date`(name: String, expected: Bool) {
        #expect(StaticFileType.hasContentHash(name) == expected)
    }

    @Test(arguments: [
        ("a.html", "text/html; charset=utf-8"), ("A.HTML", "text/html; charset=utf-8"), ("a.min.js", "text/javascript; charset=utf-8"),
        ("a.css", "text/css; charset=utf-8"), ("a.svg", "image/svg+xml"), ("a.png", "image/png"), ("a.json", "application/json"),
        ("a", "application/octet-stream"), ("a.", "application/octet-stream"), ("a.unknown", "application/octet-stream"),
        ("a.woff2", "font/woff2"), ("a.wasm", "application/wasm"),
    ]) func `tell the media type`(name: String, expected: String) {
        #expect(StaticFileType.mediaType(of: name).fieldValue == expected)
    }

    @Test(
        arguments: [
            (nil, 10, .whole), ("bytes=0-4", 10, .part(0...4)), ("bytes=5-", 10, .part(5...9)), ("bytes=-3", 10, .part(7...9)),
            ("bytes=-30", 10, .part(0...9)), ("bytes=9-9", 10, .part(9...9)), ("bytes=0-100", 10, .part(0...9)),
            ("Bytes=0-0", 10, .part(0...0)),
            ("bytes=10-", 10, .unsatisfiable), ("bytes=-0", 10, .unsatisfiable), ("bytes=0-", 0, .unsatisfiable),
            ("bytes=-1", 0, .unsatisfiable),
            ("bytes=99999999999999999999-", 10, .unsatisfiable), ("bytes=0-99999999999999999999", 10, .part(0...9)),
            ("bytes=5-4", 10, .whole), ("bytes=0-1,3-4", 10, .whole), ("bytes=0-1,", 10, .whole), ("bytes=-", 10, .whole),
            ("bytes=", 10, .whole),
            ("bytes", 10, .whole), ("lines=0-4", 10, .whole), ("bytes=a-b", 10, .whole), ("bytes=+1-2", 10, .whole),
            ("bytes=1--2", 10, .whole),
        ] as [(String?, Int, ByteRange)]) func `take one range`(field: String?, size: Int, expected: ByteRange)
    {
        #expect(ByteRange(field, size: size) == expected)
    }
}
