import SeaworthySchema
import Testing

@testable import SeaworthyOpenID

@Suite struct JSONObjectTextTests {
    @Test(
        arguments: [
            (1, 1), (.number("-1"), -1), (.number("1.9"), 1), (.number("-1.5"), -2), (.number("1e3"), 1_000), (.number("1e300"), nil),
            (.number("9223372036854775807"), Int64.max), (.number("9223372036854775808"), nil), ("1", nil), (.null, nil), (true, nil),
        ] as [(JSONValue, Int64?)])
    func `reads moments`(value: JSONValue, seconds: Int64?) {
        #expect(JSONObject([.init(name: "a", value: value)]).seconds("a") == seconds)
    }

    @Test func `takes no list in part`() {
        #expect((["a": ["x", "y"]] as JSONObject).texts("a") == ["x", "y"])
        #expect((["a": ["x", 1]] as JSONObject).texts("a") == nil)
        #expect((["a": "x"] as JSONObject).texts("a") == nil)
        #expect(([:] as JSONObject).texts("a") == nil)
    }
}
