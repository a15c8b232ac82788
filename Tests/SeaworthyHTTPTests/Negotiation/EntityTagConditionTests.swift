import HTTPTypes
import NIOHTTP1
import Testing

@testable import SeaworthyHTTP

@Suite struct `Entity tag conditions` {
    private typealias Tag = EntityTagCondition.Tag

    @Test func `takes lists, weak tags and quoted commas`() {
        #expect(EntityTagCondition("*") == .any)
        #expect(EntityTagCondition(" * ") == .any)
        #expect(EntityTagCondition("\"a\"") == .tags([Tag(opaque: "a", isWeak: false)]))
        #expect(EntityTagCondition("\"\"") == .tags([Tag(opaque: "", isWeak: false)]))
        #expect(
            EntityTagCondition("\"a,b\" , W/\"c\\\",\"d\"")
                == .tags([Tag(opaque: "a,b", isWeak: false), Tag(opaque: "c\\", isWeak: true), Tag(opaque: "d", isWeak: false)]))
        #expect(EntityTagCondition(", ,\"a\",,") == .tags([Tag(opaque: "a", isWeak: false)]))
    }

    @Test(arguments: [
        "", ",", "a", "\"a", "a\"", "'a'", "*, \"a\"", "\"a\", *", "w/\"a\"", "W/a", "W /\"a\"", "\"a\" \"b\"", "\"a b\"", "\"a\"x", "**",
        "W/",
        "\"a\u{7F}\"",
    ]) func `refuses what is not well formed`(value: String) {
        #expect(EntityTagCondition(value) == nil)
        for name in ["If-Match", "If-None-Match"] {
            let exchange = HTTPExchange(.patch, "/", headers: [name: value])
            let problem = #expect(throws: Problem.self) { name == "If-Match" ? try exchange.ifMatch() : try exchange.ifNoneMatch() }
            #expect(problem?.status == .badRequest)
            #expect(problem?.code == .badRequest)
            #expect(problem?.errors.map(\.location) == [.header(name)])
        }
    }

    @Test func `compares strongly and weakly`() throws {
        let condition = try #require(EntityTagCondition("\"a\", W/\"b\", \"c-gzip\", W/\"d-gzip\""))
        for (tag, strong, weak) in [
            ("a", true, true), ("b", false, true), ("c", true, true), ("c-gzip", true, true), ("d", false, true), ("e", false, false),
            ("a-gzip", false, false), ("", false, false), ("A", false, false),
        ] {
            #expect(condition.matches(strong: tag) == strong, "\(tag)")
            #expect(condition.matches(weak: tag) == weak, "\(tag)")
        }
        #expect(EntityTagCondition.any.matches(strong: "x"))
        #expect(EntityTagCondition.any.matches(weak: "x"))
    }

    @Test func `tells which tag the client has`() throws {
        let condition = try #require(EntityTagCondition("\"a-gzip\", W/\"b\""))
        #expect(condition.matching(weak: "a") == "\"a-gzip\"")
        #expect(condition.matching(weak: "b") == "W/\"b\"")
        #expect(condition.matching(weak: "c") == nil)
        #expect(EntityTagCondition.any.matching(weak: "c") == "\"c\"")
    }

    @Test func `takes several fields together`() throws {
        var headers = HTTPHeaders()
        headers.add(name: "If-Match", value: "\"a\"")
        headers.add(name: "if-match", value: "\"b\"")
        let exchange = HTTPExchange(.patch, "/", headers: headers)
        #expect(try exchange.ifMatch()?.matches(strong: "b") == true)
        #expect(try exchange.ifNoneMatch() == nil)
        #expect(try HTTPExchange(.get, "/", headers: ["If-None-Match": "*"]).ifNoneMatch() == .any)
    }
}
