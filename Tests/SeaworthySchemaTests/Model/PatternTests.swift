import SeaworthySchema
import Testing

struct PatternTests {
    @Test func `matches anywhere unless it is anchored`() throws {
        #expect(try Pattern("b").matches("abc"))
        #expect(try !Pattern("^b").matches("abc"))
        #expect(try !Pattern("b$").matches("abc"))
        #expect(try Pattern("^[A-Z0-9]{5}$").matches("ALFKI"))
        #expect(try !Pattern("^[A-Z0-9]{5}$").matches("ALFKIS"))
        #expect(try !Pattern("^[A-Z0-9]{5}$").matches("alfki"))
    }

    @Test func `a point is one Unicode scalar, not what a reader sees as one`() throws {
        #expect(try Pattern("^.$").matches("é"))
        #expect(try !Pattern("^.$").matches("e\u{301}"))
        #expect(try Pattern("^..$").matches("e\u{301}"))
        #expect(try !Pattern("^\u{E9}$").matches("e\u{301}"))
    }

    @Test(arguments: ["[a-", "(", "*a"])
    func `what is no expression is refused`(_ source: String) {
        #expect(throws: (any Error).self) { try Pattern(source) }
    }

    @Test func `two are equal when their text has the same bytes`() throws {
        #expect(try Pattern("a") == Pattern("a"))
        #expect(try Pattern("a") != Pattern("b"))
        #expect(try Pattern("\u{E9}") != Pattern("e\u{301}"))
    }

    @Test func `one can be used from many tasks at once`() async throws {
        let pattern = try Pattern("^[a-z]+[0-9]$")
        let matches = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<64 { group.addTask { pattern.matches("abc\(index % 20)") } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(matches == 34)
    }
}
