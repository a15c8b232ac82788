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

    static let refused: [(String, String)] = [
        ("[a-", "a bracket is not closed, at character 4"), ("(", "a parenthesis is not closed, at character 2"),
        ("*a", "nothing stands before «*» that could be repeated; write \\* for the character, at character 1"),
        ("a)", "a closing parenthesis has no opening one, at character 2"), ("a**", "two repetitions follow each other, at character 3"),
        ("a{2", "«{» is not closed, at character 4"), ("a{3,2}", "the second number is less than the first, at character 6"),
        ("a{x}", "a number must follow «{»; write \\{ for the character, at character 3"),
        ("[z-a]", "a range ends before it begins, at character 5"), ("[a-\\d]", "a range ends in a class of characters, at character 6"),
        ("^*", "an anchor cannot be repeated, at character 3"), ("(?=a)", "look-around and named groups are not supported, at character 3"),
        ("(a)\\1", "back references are not supported, at character 5"), ("\\bword", "\\b is not supported, at character 2"),
        ("\\p{L}", "\\p is not supported, at character 2"), ("\\q", "\\q has no meaning, at character 2"),
        ("a\\", "a backslash stands at the end, at character 3"),
        ("\\u12", "the hexadecimal digits of a character are wrong, at character 3"),
        ("\\u{110000}", "the hexadecimal digits of a character are wrong, at character 4"),
        ("a{1001}", "the pattern is too large: repetitions counted, it has more than 1000 steps"),
        ("((a{30}){30}){30}", "the pattern is too large: repetitions counted, it has more than 1000 steps"),
        (String(repeating: "(", count: 52), "groups are nested deeper than 50 levels, at character 52"),
    ]

    @Test(arguments: refused)
    func `what is no expression is refused, at its place`(source: String, message: String) {
        #expect(throws: PatternError(description: message)) { try Pattern(source) }
    }

    static let matching: [(String, String, Bool)] = [
        ("", "", true), ("", "x", true), ("^$", "", true), ("^$", "x", false), ("a|b", "xb", true), ("^(a|b)$", "ab", false),
        ("^(?:ab|cd)+$", "abcdab", true), ("^(?:ab|cd)+$", "abc", false), ("^a|b$", "ax", true), ("^a|b$", "xb", true),
        ("^a|b$", "xa", false),
        ("^a*$", "", true), ("^a*$", "aaab", false), ("^a+?$", "aaa", true), ("^a+$", "", false), ("^ab?c$", "ac", true),
        ("^ab?c$", "abbc", false), ("^a{0}$", "", true), ("^a{0}$", "a", false), ("^a{2}$", "a", false), ("^a{2}$", "aa", true),
        ("^a{2}$", "aaa", false), ("^a{2,}$", "a", false),
        ("^a{2,}$", "aaaa", true), ("^a{2,3}$", "aaa", true), ("^a{2,3}$", "aaaa", false), ("^[abc]$", "b", true), ("^[^abc]$", "b", false),
        ("^[^abc]$", "d", true), ("^[a-c-]$", "-", true), ("^[\\d_]+$", "1_2", true), ("^[^\\d]$", "1", false), ("^[\\D]$", "1", false),
        ("^[\\D5]$", "5", true),
        ("^[\\D5]$", "6", false), ("^[\\]]$", "]", true), ("^\\w\\W\\s\\S$", "a- b", true), ("^\\w$", "é", false), ("^\\.$", "x", false),
        ("^.$", "\n", false),
        ("^\\t\\n\\r\\f\\v$", "\t\n\r\u{0C}\u{0B}", true), ("^\\x41\\u00e9\\u{1F600}$", "Aé😀", true), ("^(a?)*$", "aaa", true),
        ("(a*)*b", "aaac", false),
        ("^[A-Z]{2}-[0-9]{3,5}$", "SE-1234", true), ("^[A-Z]{2}-[0-9]{3,5}$", "SE-12", false), ("a$b", "a$b", false), ("x^a", "xa", false),
        ("()", "", true),
    ]

    @Test(arguments: matching)
    func `matches what ECMAScript matches`(source: String, text: String, expected: Bool) throws {
        #expect(try Pattern(source).matches(text) == expected)
    }

    @Test(arguments: ["^(a+)+$", "^(a|a)*$", "[0-9]+x", "(.*)(.*)(.*)(.*)y"])
    func `takes no more steps for a text made to confuse it`(source: String) throws {
        // A backtracking matcher would need longer than the universe for the first two.
        let text = String(repeating: "a", count: 20_000) + "!"
        #expect(try !Pattern(source).matches(text))
        #expect(try !Pattern(source).matches(String(repeating: "7", count: 20_000)))
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
