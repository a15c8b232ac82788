import HTTPTypes
import NIOCore
import NIOHTTP1
import Testing

@testable import SeaworthyHTTP

@Suite struct `HTTP exchange` {
    @Test(arguments: [
        "application/json", "Application/JSON", "application/json; charset=utf-8", "application/json;charset=\"UTF-8\"",
        " application/json ",
    ]) func `takes JSON in UTF-8`(type: String) throws {
        #expect(try HTTPExchange(.post, "/", headers: ["Content-Type": type]).requireMediaType() == .json)
    }

    @Test(arguments: [
        "text/json", "application/jsonx", "application/json; charset=latin1", "application/json; q=1", "", "application/json;",
        "application/xml",
        "application/merge-patch+json",
    ]) func `refuses every other media type`(type: String) {
        let problem = #expect(throws: Problem.self) { try HTTPExchange(.post, "/", headers: ["Content-Type": type]).requireMediaType() }
        #expect(problem?.status == .unsupportedMediaType)
        #expect(problem?.detail == "The Content-Type of the body must be application/json.")
    }

    @Test func `refuses a body without a media type`() {
        #expect(throws: Problem.self) { try HTTPExchange(.post, "/").requireMediaType() }
    }

    @Test func `takes a merge patch where it is accepted`() throws {
        let exchange = HTTPExchange(.patch, "/", headers: ["content-type": "application/merge-patch+json"])
        #expect(try exchange.requireMediaType([.json, .mergePatch]) == .mergePatch)
    }

    @Test func `splits the target without decoding it`() throws {
        let exchange = HTTPExchange(.get, "/a%2Fb/c?x=1?2&y=%20")
        #expect(exchange.path == "/a%2Fb/c")
        #expect(exchange.rawQuery == "x=1?2&y=%20")
        #expect(try exchange.queryItems().map(\.value) == ["1?2", " "])
        #expect(HTTPExchange(.get, "/a").rawQuery == nil)
        #expect(HTTPExchange(.get, "/a?").rawQuery == "")
    }

    @Test func `joins a field sent several times`() {
        let exchange = HTTPExchange(.get, "/", headers: ["X-A": "1", "x-b": "2", "x-a": "3"])
        #expect(exchange.header("X-a") == "1, 3")
        #expect(exchange.header("X-B") == "2")
        #expect(exchange.header("X-C") == nil)
    }

    @Test func `gives the body up to the cap`() async throws {
        let body = ByteBuffer(string: "12345")
        #expect(try await HTTPExchange(.post, "/", body: body, maximumBodyBytes: 5).collectBody() == body)
        await #expect(throws: Problem.contentTooLarge(maximumBytes: 4)) {
            try await HTTPExchange(.post, "/", body: body, maximumBodyBytes: 4).collectBody()
        }
    }

    @Test(arguments: [
        ("abc", "ABC", true), ("a-b", "A\rb", false), ("a", "ab", false), ("[", "{", false), ("@", "`", false), ("", "", true),
    ])
    func `folds ASCII letters only`(left: String, right: String, isEqual: Bool) {
        #expect(left.isEqualIgnoringASCIICase(to: right) == isEqual)
    }

    @Test(arguments: [("  a b\t", "a b"), ("", ""), (" \t ", ""), ("x", "x")]) func `trims spaces and tabs`(text: String, expected: String)
    {
        #expect(text.trimmingOptionalWhitespace() == expected)
    }
}
