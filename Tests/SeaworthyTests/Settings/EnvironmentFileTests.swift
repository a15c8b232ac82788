import Testing

@testable import Seaworthy

struct EnvironmentFileTests {
    @Test(arguments: [
        ("A=b", "b"), ("A = b ", "b"), ("  A=b", "b"), ("export A=b", "b"), ("export\tA=b", "b"), ("A=", ""), ("A= # c", ""),
        ("A=b # c", "b"),
        ("A=b#c", "b#c"), ("A=#c", "#c"), ("A=b c", "b c"), ("A=b=c", "b=c"), ("A='b # c'", "b # c"), ("A='$HOME \\n'", "$HOME \\n"),
        ("A=\"b\\n\\r\\t\\\"\\\\\\$c\"", "b\n\r\t\"\\$c"), ("A=\"b\" # c", "b"), ("A='b'   ", "b"), ("A=it's", "it's"), ("A=5$", "5$"),
        ("A=$5", "$5"), ("A=\u{FC}\u{301}", "\u{FC}\u{301}"), ("A=\"\"", ""),
    ])
    func `a value is read as the grammar says`(line: String, value: String) {
        let file = EnvironmentFile(parsing: line)
        #expect(file.problems == [])
        #expect(file.entries["A"].map { Array($0.value.utf8) } == Array(value.utf8))
    }

    @Test(arguments: [
        ("A", "is not an assignment"), ("=b", "is not an assignment"), ("1A=b", "is not an assignment"), ("A-B=c", "is not an assignment"),
        ("exportA b", "is not an assignment"), ("A='b", "has no closing quote for A"), ("A=\"b\\\"", "has no closing quote for A"),
        ("A=\"b\\x\"", "has an unknown escape in the double quotes of A"), ("A=\"b\\", "has an unknown escape in the double quotes of A"),
        ("A='b'c", "has text after the closing quote of A"), ("A=\"b\"#c", "has text after the closing quote of A"),
        ("A=${B}", "refers to another variable with $ in A, and nothing is expanded here"),
        ("A=x$B", "refers to another variable with $ in A, and nothing is expanded here"),
        ("A=\"$(b)\"", "refers to another variable with $ in A, and nothing is expanded here"),
        ("A=$_", "refers to another variable with $ in A, and nothing is expanded here"),
    ])
    func `a line that fits not is a problem`(line: String, detail: String) {
        let file = EnvironmentFile(parsing: "# one\n\(line)\n")
        #expect(file.problems.map(\.detail) == [detail])
        #expect(file.problems.map(\.subject) == [".env line 2"])
        #expect(file.problems.map(\.code) == [.environmentFileSyntax])
        #expect(file.entries.isEmpty)
    }

    @Test func `comments, blank lines, CRLF and a byte order mark are no content`() {
        let file = EnvironmentFile(parsing: "\u{FEFF}A=1\r\n\r\n  # x\r\n\t\r\nB=2")
        #expect(file.problems == [])
        #expect(file.entries.mapValues(\.value) == ["A": "1", "B": "2"])
        #expect(file.entries.mapValues(\.line) == ["A": 1, "B": 5])
    }

    @Test func `a name set twice is a problem and the first value stays`() {
        let file = EnvironmentFile(parsing: "A=1\nA=2")
        #expect(
            file.problems.map(\.description) == [
                ".env line 2 sets A again, after line 1; keep one of the two lines [environment_file_syntax]"
            ])
        #expect(file.entries["A"]?.value == "1")
    }

    @Test func `no value is shown in a problem`() {
        let file = EnvironmentFile(parsing: "SECRET_KEYS='hunter2\nhunter2\nA=\"hunter2\\q\"\nB=hunter2${X}")
        #expect(file.problems.count == 4)
        #expect(file.problems.allSatisfy { !$0.description.contains("hunter2") })
    }
}
