import HTTPTypes
import NIOHTTP1
import Testing

@testable import SeaworthyHTTP

@Suite struct `Request facts` {
    private func examine(
        _ uri: String = "/", _ fields: HTTPHeaders = ["Host": "h"], method: HTTPMethod = .GET, version: HTTPVersion = .http1_1
    ) -> (RequestFacts, Problem?) {
        RequestFacts.examine(HTTPRequestHead(version: version, method: method, uri: uri, headers: fields), settings: HTTPSettings())
    }

    @Test(
        arguments: [
            ("/", "/", nil), ("/a?b", "/a", "b"), ("/a?b?c", "/a", "b?c"), ("/?", "/", ""), ("http://h/a?b", "/a", "b"),
            ("HTTP://h", "/", nil),
            ("https://h?q", "/", "q"),
        ] as [(String, String, String?)]) func `takes the target apart`(uri: String, path: String, query: String?)
    {
        let (facts, problem) = examine(uri)
        #expect(problem == nil)
        #expect(facts.path == path)
        #expect(facts.rawQuery.map(String.init) == query)
    }

    @Test(arguments: ["a", "*", "http://", "http:///a", "ftp://h/a", "/a#b", "/ä", "/a b", "/\u{7F}", "h:80", ""])
    func `refuses any other target`(uri: String) {
        #expect(examine(uri).1?.status == .badRequest)
    }

    @Test func `takes the asterisk of OPTIONS`() {
        #expect(examine("*", method: .OPTIONS).1 == nil)
    }

    @Test func `takes 16 KiB of address and not one byte more`() {
        let longest = "/" + String(repeating: "a", count: 16_383)
        #expect(examine(longest).1 == nil)
        #expect(examine(longest + "a").1?.status == .uriTooLong)
    }

    @Test func `takes 32 KiB of fields and not one byte more`() {
        // "Host: h" and "X: …", each with CR and LF.
        let value = String(repeating: "a", count: 32_768 - 9 - 5)
        #expect(examine("/", ["Host": "h", "X": value]).1 == nil)
        #expect(examine("/", ["Host": "h", "X": value + "a"]).1?.status == .requestHeaderFieldsTooLarge)
    }

    @Test func `takes 256 fields and not one more`() {
        var fields: HTTPHeaders = ["Host": "h"]
        for _ in 0..<255 {
            fields.add(name: "X", value: "y")
        }
        #expect(examine("/", fields).1 == nil)
        fields.add(name: "X", value: "y")
        #expect(examine("/", fields).1?.status == .requestHeaderFieldsTooLarge)
    }

    @Test(
        arguments: [
            [:], ["Host": "a", "host": "a"], ["Host": "a b"], ["Host": "a,b"], ["Host": "a/b"], ["Host": "ä"],
            ["Host": "h", "Content-Length": "1", "content-length": "1"],
            ["Host": "h", "Content-Length": "1", "Transfer-Encoding": "chunked"],
            ["Host": "h", "Transfer-Encoding": "chunked", "transfer-encoding": "chunked"], ["Host": "h", "Content-Length": "-1"],
            ["Host": "h", "Content-Length": "+1"], ["Host": "h", "Content-Length": ""], ["Host": "h", "Content-Length": "1, 1"],
            ["Host": "h", "Content-Length": "99999999999999999999"],
        ] as [HTTPHeaders]) func `refuses ambiguous fields`(fields: HTTPHeaders)
    {
        #expect(examine("/", fields).1?.status == .badRequest)
    }

    @Test func `has its own status for what it does not do`() {
        #expect(examine("/", ["Host": "h", "Transfer-Encoding": "gzip"]).1?.status == .notImplemented)
        #expect(examine("/", ["Host": "h", "Expect": "a-miracle"]).1?.status == .expectationFailed)
    }

    @Test func `is lenient with HTTP/1.0 where that has less`() {
        #expect(examine("/", [:], version: .http1_0).1 == nil)
        #expect(examine("/", ["Transfer-Encoding": "chunked"], version: .http1_0).1?.status == .badRequest)
        #expect(!examine("/", ["Expect": "100-continue"], version: .http1_0).0.expectsContinue)
        #expect(examine("/", [:], version: .http1_0).0.isHTTP10)
    }

    @Test func `reads what the pipeline and the log need`() {
        let facts = examine(
            "/", ["HOST": "h:80", "user-agent": "curl", "X-Request-ID": "abc", "content-length": "12", "Expect": "100-Continue"],
            method: .PUT
        ).0
        #expect(facts.method == .put)
        #expect(facts.userAgent == "curl")
        #expect(facts.requestID == "abc")
        #expect(facts.contentLength == 12)
        #expect(facts.expectsContinue)
        #expect(facts.hasBody)
        #expect(facts.keepAlive)
        #expect(examine("/", ["Host": "h", "X-Request-Id": "not ok"]).0.requestID == nil)
        #expect(!examine("/", ["Host": "h", "Content-Length": "0"]).0.hasBody)
        #expect(!examine().0.hasBody)
    }

    @Test func `does not keep a tunnel`() {
        #expect(!examine("/", method: .CONNECT).0.keepAlive)
    }

    @Test(
        arguments: [
            (HTTPMethod.GET, "GET"), (.HEAD, "HEAD"), (.POST, "POST"), (.PUT, "PUT"), (.PATCH, "PATCH"), (.DELETE, "DELETE"),
            (.OPTIONS, "OPTIONS"), (.SEARCH, "SEARCH"),
        ] as [(HTTPMethod, String)]) func `knows the method`(method: HTTPMethod, name: String)
    {
        #expect(examine(method: method).0.method.rawValue == name)
    }
}
