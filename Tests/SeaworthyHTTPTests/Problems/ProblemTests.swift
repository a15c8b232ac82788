import HTTPTypes
import HummingbirdCore
import NIOCore
import SeaworthyData
import SeaworthySchema
import Testing

@testable import SeaworthyHTTP

@Suite struct `Problem rendering` {
    @Test func `renders every member in order`() {
        let problem = Problem(
            status: .badRequest, code: .badRequest, detail: "no",
            errors: [
                ProblemItem(.pointer("/a"), code: .notSupported, detail: "first"),
                ProblemItem(.parameter("limit"), code: .unknownParameter, detail: "second"),
                ProblemItem(.header("If-Match"), code: .notSupported, detail: "third"),
            ])
        #expect(
            String(buffer: problem.rendered(requestID: "r-1")) == #"{"type":"urn:seaworthy:problem:bad_request","title":"Bad Request","#
                + #""status":400,"detail":"no","code":"bad_request","requestId":"r-1","errors":["#
                + #"{"pointer":"/a","code":"not_supported","detail":"first"},"#
                + #"{"parameter":"limit","code":"unknown_parameter","detail":"second"},"#
                + #"{"header":"If-Match","code":"not_supported","detail":"third"}]}"#)
    }

    @Test(arguments: [
        ("plain", #""plain""#), ("", #""""#), ("\"\\/", #""\"\\/""#), ("\u{08}\t\n\u{0C}\r", #""\b\t\n\f\r""#),
        ("\u{00}\u{1F}\u{20}\u{7F}", "\"\\u0000\\u001f \u{7F}\""), ("México ☃ 😀", #""México ☃ 😀""#), ("a\"b", #""a\"b""#),
    ]) func `escapes what JSON requires and nothing else`(text: String, expected: String) {
        for padding in 0..<9 {
            var bytes: [UInt8] = []
            let plain = String(repeating: "p", count: padding)
            bytes.writeQuoted(plain + text + plain)
            #expect(bytes == Array("\"\(plain)\(expected.dropFirst().dropLast())\(plain)\"".utf8))
        }
    }

    @Test func `is never cached and says its media type`() {
        let response = Problem.methodNotAllowed(allow: [.get, .head]).response(requestID: "r")
        #expect(response.status == .methodNotAllowed)
        #expect(response.headers[.contentType] == "application/problem+json")
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(response.headers[.allow] == "GET, HEAD")
    }

    @Test(arguments: [(Duration.milliseconds(1), "1"), (.seconds(1), "1"), (.milliseconds(1001), "2"), (.zero, "1"), (.seconds(7), "7")])
    func `says when to come back in whole seconds`(after: Duration, expected: String) {
        #expect(Problem.unavailable("busy", retryAfter: after).headers[.retryAfter] == expected)
    }

    @Test func `has one status and code for each kind`() {
        let problems: [(Problem, Int, String)] = [
            (.badRequest("x"), 400, "bad_request"), (.unknownParameter("x"), 400, "unknown_parameter"),
            (.notSupported("x"), 400, "not_supported"), (.notFound(), 404, "not_found"),
            (.methodNotAllowed(allow: [.get]), 405, "method_not_allowed"), (.requestTimeout("x"), 408, "request_timeout"),
            (.notAcceptable(offered: []), 406, "not_acceptable"),
            (.contentTooLarge(maximumBytes: 1), 413, "content_too_large"), (.uriTooLong(maximumBytes: 1), 414, "uri_too_long"),
            (.preconditionFailed("x"), 412, "precondition_failed"), (.rangeNotSatisfiable(size: 1), 416, "range_not_satisfiable"),
            (.unsupportedMediaType(expected: []), 415, "unsupported_media_type"), (.expectationFailed(), 417, "expectation_failed"),
            (.headersTooLarge(maximumBytes: 1), 431, "headers_too_large"), (.internalError(), 500, "internal_error"),
            (.unsupportedTransferCoding(), 501, "unsupported_transfer_coding"), (.unavailable("x"), 503, "unavailable"),
        ]
        for (problem, status, code) in problems {
            #expect(problem.status.code == status)
            #expect(problem.code.rawValue == code)
            #expect(problem.type == "urn:seaworthy:problem:\(code)")
            #expect(ProblemCode.all.contains(problem.code))
        }
    }

    @Test func `lists each code once`() {
        #expect(Set(ProblemCode.all).count == ProblemCode.all.count)
        #expect(ProblemCode.all.count == 25)
    }
}
