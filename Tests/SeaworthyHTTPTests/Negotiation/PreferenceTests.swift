import HTTPTypes
import NIOHTTP1
import Testing

@testable import SeaworthyHTTP

@Suite struct Preferences {
    private static func prefersMinimal(_ fields: [String]) -> Bool {
        var headers = HTTPHeaders()
        for field in fields {
            headers.add(name: "prefer", value: field)
        }
        return HTTPExchange(.patch, "/", headers: headers).prefersMinimal
    }

    @Test(
        arguments: [
            ["return=minimal"], ["Return=Minimal"], ["return=\"minimal\""], ["return = minimal"], ["respond-async, return=minimal"],
            ["respond-async", "return=minimal"], ["return=minimal; foo=\"a, return=representation\""], ["wait=10;x, return=minimal;y=1"],
            ["return=minimal, return=minimal"], [", ,return=minimal"], ["=x, return=minimal"], ["return=minimal;"],
            ["foo=\"a\\\", b\", return=minimal"],
        ] as [[String]]) func `finds that nothing shall come back`(fields: [String])
    {
        #expect(Self.prefersMinimal(fields))
    }

    @Test(
        arguments: [
            [], [""], ["return"], ["return=\"\""], ["return=representation"], ["return=other"], ["returns=minimal"], ["minimal"],
            ["x=\"return=minimal\""], ["x;return=minimal"], ["return=minimal, return=representation"],
            ["return=representation", "return=minimal"], ["return=minimal nonsense"], ["return=\"minimal"],
        ] as [[String]]) func `finds no such wish`(fields: [String])
    {
        #expect(!Self.prefersMinimal(fields))
    }

    @Test func `says that it was followed`() {
        var fields: HTTPFields = [:]
        fields.setMinimalApplied()
        #expect(fields[.preferenceApplied] == "return=minimal")
        #expect(HTTPField.Name.preferenceApplied.rawName == "Preference-Applied")
        #expect(HTTPField.Name.link.rawName == "Link")
    }
}
