import Testing

@testable import SeaworthySchema

struct JSONParserTests {
    private func failure(_ text: String, maximumDepth: Int = 64) -> JSONError? {
        do throws(JSONError) {
            _ = try JSONParser.parse(text, maximumDepth: maximumDepth)
            return nil
        } catch {
            return error
        }
    }

    private func failure(bytes: [UInt8]) -> JSONError? {
        bytes.withUnsafeBufferPointer { buffer in
            do throws(JSONError) {
                _ = try JSONParser.parse(buffer)
                return nil
            } catch {
                return error
            }
        }
    }

    @Test(
        arguments: [
            ("null", JSONValue.null), ("true", true), ("false", false), ("\"a\"", "a"), ("[]", []), ("{}", [:]), (" \t\r\n1 \t\r\n", 1),
            ("[1,[2]]", [1, [2]]), (#"{"a":{"b":null}}"#, ["a": ["b": nil]]), ("\u{FEFF}1", 1),
        ] as [(String, JSONValue)])
    func `reads every kind of value, with space around`(_ text: String, _ value: JSONValue) throws {
        #expect(try JSONParser.parse(text) == value)
    }

    @Test(arguments: ["0", "-0", "10", "1.50", "1e5", "1E+05", "-1.5e-7", "123456789012345678901234567890"])
    func `keeps numbers as they are written`(_ digits: String) throws {
        #expect(try JSONParser.parse(digits) == .number(digits))
    }

    @Test(
        arguments: [
            ("01", .trailingData, 1), ("-", .invalidNumber, 1), ("1.", .invalidNumber, 2), ("1e", .invalidNumber, 2),
            ("+1", .unexpectedCharacter, 0), (".5", .unexpectedCharacter, 0), ("NaN", .unexpectedCharacter, 0), ("1 2", .trailingData, 2),
            ("", .unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("tru", .unexpectedEnd, 3), ("nul1", .unexpectedCharacter, 3),
            ("[1", .unexpectedEnd, 2), ("[1,]", .unexpectedCharacter, 3), ("[1 2]", .unexpectedCharacter, 3),
            ("{\"a\"}", .unexpectedCharacter, 4),
            ("{\"a\":1,}", .unexpectedCharacter, 7), ("{a:1}", .unexpectedCharacter, 1), ("\"a", .unexpectedEnd, 2),
            ("\"a\nb\"", .controlCharacter, 2), ("\"\\n\u{1}\"", .controlCharacter, 3), ("\"\\x\"", .invalidEscape, 2),
            ("\"\\u12g4\"", .invalidEscape, 5),
            ("\"\\ud800\"", .invalidEscape, 7), ("\"\\ud800\\n\"", .invalidEscape, 8), ("\"\\udc00\"", .invalidEscape, 7),
            ("\"\\ud800\\u0041\"", .invalidEscape, 13), ("\"\\", .unexpectedEnd, 2), ("\"\\n", .unexpectedEnd, 3),
        ] as [(String, JSONError.Reason, Int)])
    func `refuses what is not JSON, at its byte`(_ text: String, _ reason: JSONError.Reason, _ offset: Int) {
        #expect(failure(text) == JSONError(reason: reason, offset: offset))
    }

    @Test func `reads every escape`() throws {
        #expect(
            try JSONParser.parse(#""\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00""#) == "\"\\/\u{8}\u{C}\n\r\tA\u{E9}\u{20AC}\u{1F600}")
        #expect(try JSONParser.parse(#""a\u0000b""#) == "a\u{0}b")
    }

    @Test func `refuses a member that stands twice, by bytes`() throws {
        #expect(failure(#"{"a":1,"a":2}"#) == JSONError(reason: .duplicateMember("a"), offset: 7))
        #expect(failure(#"{"a":1,"\u0061":2}"#)?.reason == .duplicateMember("a"))
        #expect(failure("{\"\u{E9}\":1,\"e\u{301}\":2}") == nil)
        #expect(failure(#"[{"a":1},{"a":2}]"#) == nil)
        // Beyond sixteen members another way of looking is used.
        func object(last: String) -> String { "{" + (0..<20).map { "\"m\($0)\":\($0)," }.joined() + "\"\(last)\":1}" }
        #expect(failure(object(last: "m20")) == nil)
        #expect(failure(object(last: "m0"))?.reason == .duplicateMember("m0"))
        #expect(failure(object(last: "m19"))?.reason == .duplicateMember("m19"))
    }

    @Test func `refuses what is nested deeper than allowed`() {
        func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(failure(nested(64)) == nil)
        #expect(failure(nested(65)) == JSONError(reason: .tooDeep(limit: 64), offset: 64))
        #expect(failure(nested(2), maximumDepth: 2) == nil)
        #expect(failure(nested(3), maximumDepth: 2)?.reason == .tooDeep(limit: 2))
        #expect(failure("{\"a\":{\"a\":{}}}", maximumDepth: 2)?.reason == .tooDeep(limit: 2))
        #expect(failure(String(repeating: "[", count: 100_000))?.reason == .tooDeep(limit: 64))
    }

    @Test func `refuses text that is not UTF-8`() {
        #expect(failure(bytes: [0x22, 0xFF, 0x22]) == JSONError(reason: .invalidUTF8, offset: 1))
        #expect(failure(bytes: [0x22, 0xC3, 0x22])?.reason == .invalidUTF8)
        #expect(failure(bytes: [0x22, 0xED, 0xA0, 0x80, 0x22])?.reason == .invalidUTF8)
        #expect(failure(bytes: [0x22, 0x5C, 0x6E, 0xFF, 0x22])?.reason == .invalidUTF8)
        #expect(failure(bytes: [0x22, 0xC3, 0xA9, 0x22]) == nil)
    }

    @Test(arguments: [
        (JSONError.Reason.unexpectedEnd, "the JSON ends too early, at byte 7"), (.unexpectedCharacter, "unexpected character at byte 7"),
        (.invalidNumber, "invalid number at byte 7"), (.invalidEscape, "invalid escape sequence at byte 7"),
        (.controlCharacter, "a control character must be escaped, at byte 7"), (.invalidUTF8, "invalid UTF-8 at byte 7"),
        (.duplicateMember("a\""), "the member \"a\\\"\" stands twice in one object, at byte 7"),
        (.tooDeep(limit: 5), "nested deeper than 5 levels, at byte 7"), (.trailingData, "something follows the JSON value, at byte 7"),
    ])
    func `says what is wrong and where`(_ reason: JSONError.Reason, _ description: String) {
        #expect(JSONError(reason: reason, offset: 7).description == description)
    }
}
