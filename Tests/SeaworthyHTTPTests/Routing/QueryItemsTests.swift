import HTTPTypes
import Testing

@testable import SeaworthyHTTP

@Suite struct `Query items` {
    private func parse(_ query: String) throws(Problem) -> [String] {
        try QueryItems.parse(query[...]).map { "\($0.name)=\($0.value)" }
    }

    @Test(
        arguments: [
            ("", []), ("a=1", ["a=1"]), ("a=1&b=2&a=3", ["a=1", "b=2", "a=3"]), ("a", ["a="]), ("a=", ["a="]), ("=x", ["=x"]),
            ("&&a=1&", ["a=1"]),
            ("a=b=c", ["a=b=c"]), ("a+b=c+d", ["a b=c d"]), ("a%20b=%2B%26%3d", ["a b=+&="]), ("n=M%C3%A9xico", ["n=México"]),
            ("filter%5BCountry%5D%5Bin%5D=UK", ["filter[Country][in]=UK"]),
        ] as [(String, [String])]) func `decodes names and values in order`(query: String, expected: [String]) throws
    {
        #expect(try parse(query) == expected)
    }

    @Test(arguments: ["a=%", "a=%4", "a=%zz", "a=%4g", "a=%g4", "a=%C3", "a=%FF", "a=%ED%A0%80", "a=%00"])
    func `names the parameter whose value cannot be read`(query: String) {
        let problem = #expect(throws: Problem.self) { try parse(query) }
        #expect(problem?.status == .badRequest)
        #expect(problem?.code == .invalidEncoding)
        #expect(problem?.errors.map(\.location) == [.parameter("a")])
    }

    @Test func `refuses a name that cannot be read`() {
        let problem = #expect(throws: Problem.self) { try parse("b=1&%zz=1") }
        #expect(problem?.errors.map(\.location) == [.parameter("%zz")])
        #expect(problem?.detail.contains("two hexadecimal digits") == true)
    }

    @Test func `takes 256 items and not one more`() throws {
        let most = Array(repeating: "a=1", count: 256).joined(separator: "&")
        #expect(try parse(most).count == 256)
        let problem = #expect(throws: Problem.self) { try parse(most + "&a=1") }
        #expect(problem?.code == .tooManyParameters)
    }

    @Test func `is empty without a query`() throws {
        #expect(try QueryItems.parse(nil).isEmpty)
    }

    @Test func `decodes a path segment, where plus is plus`() throws {
        #expect(try percentDecoded("a%2Fb+c%25") == "a/b+c%")
        #expect(try percentDecoded("") == "")
        for bad in ["%", "%a", "%0x", "%00", "%80"] {
            let problem = #expect(throws: Problem.self) { try percentDecoded(bad[...], parameter: "key") }
            #expect(problem?.errors.first?.location == .parameter("key"))
            #expect(problem?.code == .invalidEncoding)
        }
    }
}
