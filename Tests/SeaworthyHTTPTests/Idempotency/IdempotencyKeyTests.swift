import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import SeaworthyData
import Testing

@testable import SeaworthyHTTP

@Suite struct `An Idempotency-Key` {
    private func key(_ fields: String...) throws(Problem) -> String? {
        var headers: HTTPHeaders = [:]
        for field in fields { headers.add(name: "idempotency-key", value: field) }
        return try HTTPExchange(.post, "/v1/notes", headers: headers).idempotencyKey()
    }

    @Test func `is taken by itself, and as a string in quotes for what it contains`() throws {
        #expect(try key() == nil)
        for (field, expected) in [
            ("a", "a"), ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"), ("!~", "!~"), ("\"a\"", "a"),
            (#"a"b"#, #"a"b"#), (#"a\b"#, #"a\b"#), (#""a\"b\\""#, #"a"b\"#), ("a,b", "a,b"),
            (String(repeating: "k", count: 255), String(repeating: "k", count: 255)),
            ("\"\(String(repeating: "k", count: 255))\"", String(repeating: "k", count: 255)),
        ] {
            #expect(try key(field) == expected, "\(field)")
        }
    }

    @Test func `is refused as anything else, and where it stands twice`() {
        for fields in [
            [""], ["a b"], ["a\tb"], ["é"], ["a\u{7F}"], ["\"\""], ["\"a"], ["\"a\"b"], ["\"a\" "], ["\"a b\""], ["\"é\""], [#""a\b""#],
            [#""a\"#], [#""a\""#],
            [String(repeating: "k", count: 256)], ["\"\(String(repeating: "k", count: 256))\""], ["a", "a"], ["a", "b"], ["a", ""],
        ] {
            var headers: HTTPHeaders = [:]
            for field in fields { headers.add(name: "Idempotency-Key", value: field) }
            let problem = #expect(throws: Problem.self) {
                try HTTPExchange(.post, "/v1/notes", headers: headers).idempotencyKey()
            }
            #expect(problem?.status == .badRequest && problem?.code == .badRequest, "\(fields)")
            #expect(problem?.errors.map(\.location) == [.header("Idempotency-Key")], "\(fields)")
        }
    }

    @Test func `tells requests apart by method, path, query, media type and body`() {
        func print(
            _ method: HTTPRequest.Method = .post, _ target: String = "/v1/notes?a=1", _ type: MediaType = .json, _ body: String = "{}"
        )
            -> RequestFingerprint
        {
            HTTPExchange(method, target).fingerprint(type, ByteBuffer(string: body))
        }
        #expect(print() == print())
        for other in [
            print(.put), print(.post, "/v1/notes"), print(.post, "/v1/notes?a=2"), print(.post, "/v1/pages?a=1"),
            print(.post, "/v1/notes?a=1", .csv), print(.post, "/v1/notes?a=1", .json, "{ }"),
        ] {
            #expect(other != print())
        }
    }

    @Test func `gives an answer again as it was, and says so`() throws {
        let answer = WriteAnswer(
            .created, [.contentType: "application/json", .location: "/v1/notes/1", .eTag: "\"a\""], ByteBuffer(string: "{}"))
        let again = WriteAnswer(replaying: answer.stored)
        var expected = answer.headers
        expected[.idempotencyReplayed] = "true"
        #expect(again.status == .created && again.headers == expected && again.body == answer.body)
        #expect(again.response.body.contentLength == 2)
        #expect(WriteAnswer(.noContent, [:]).response.body.contentLength == 0)
    }
}
