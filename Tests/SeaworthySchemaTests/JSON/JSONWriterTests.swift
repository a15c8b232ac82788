import SeaworthySchema
import Testing

struct JSONWriterTests {
    @Test(
        arguments: [
            (JSONValue.null, "null"), (true, "true"), (false, "false"), (.number("1.50"), "1.50"), ("é😀", "\"é😀\""), ([], "[]"),
            ([1], "[1]"),
            ([1, "a", nil], #"[1,"a",null]"#), ([:], "{}"), (["b": 1, "a": [2]], #"{"b":1,"a":[2]}"#),
        ] as [(JSONValue, String)])
    func `writes compact JSON with members in their order`(_ value: JSONValue, _ text: String) throws {
        #expect(value.compactText == text)
        #expect(try JSONParser.parse(text) == value)
    }

    @Test func `escapes what must be escaped, and nothing else`() {
        #expect(
            JSONValue.string("\"\\/\u{8}\u{C}\n\r\t\u{0}\u{1F}\u{7F}\u{2028}").compactText
                == "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\u{7F}\u{2028}\"")
        #expect(JSONValue.string("a\"b").compactText == #""a\"b""#)
        #expect(JSONValue.object(["\n": 1]).compactText == #"{"\n":1}"#)
    }

    @Test func `writes two spaces a level for people`() {
        let value: JSONValue = ["a": [1, ["b": nil]], "c": [], "d": [:]]
        #expect(
            value.indentedText == """
                {
                  "a": [
                    1,
                    {
                      "b": null
                    }
                  ],
                  "c": [],
                  "d": {}
                }
                """)
    }

    @Test func `finds members by the bytes of their names`() {
        let object: JSONObject = ["\u{E9}": 1]
        #expect(object["\u{E9}"] == 1)
        #expect(object["e\u{301}"] == nil)
        #expect(!object.isEmpty)
        #expect(JSONObject().isEmpty)
    }

    @Test(
        arguments: [
            (JSONValue.null, "null"), (true, "a boolean"), (1, "a number"), ("", "a string"), ([], "an array"), ([:], "an object"),
        ] as [(JSONValue, String)])
    func `every value knows what it is called`(_ value: JSONValue, _ kind: String) {
        #expect(value.kind == kind)
    }
}
