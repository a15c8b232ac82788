import Testing

@testable import SeaworthyMaintenance

@Suite struct SQLScriptTests {
    private func statements(_ text: String, _ flavour: SQLScript.Flavour = .postgres) throws -> [String] {
        try SQLScript.parts(of: text, flavour).compactMap { if case .statement(let text, _) = $0 { text } else { nil } }
    }

    @Test(arguments: [
        ("SELECT 1;SELECT 2 ;", ["SELECT 1", "SELECT 2"]), (" \n;; SELECT 1;;\n", ["SELECT 1"]), ("", []),
        ("SELECT ';', 'it''s;';SELECT \";\";", ["SELECT ';', 'it''s;'", "SELECT \";\""]),
        ("SELECT E'a\\';b';SELECT 2;", ["SELECT E'a\\';b'", "SELECT 2"]), ("SELECT 'a\\';SELECT 2;", ["SELECT 'a\\'", "SELECT 2"]),
        ("SELECT e'\\\\';SELECT 2;", ["SELECT e'\\\\'", "SELECT 2"]), ("SELECT 'a' e;SELECT 'x\\';", ["SELECT 'a' e", "SELECT 'x\\'"]),
        ("DO $$ a; b; $$;SELECT 2;", ["DO $$ a; b; $$", "SELECT 2"]), ("DO $a$ ; $b$ ; $$ ; $a$;", ["DO $a$ ; $b$ ; $$ ; $a$"]),
        ("SELECT $1;SELECT a$b$c;", ["SELECT $1", "SELECT a$b$c"]), ("SELECT /* ; /* ; */ ; */ 1;", ["SELECT /* ; /* ; */ ; */ 1"]),
        ("SELECT 1 -- ; '\n + 1;", ["SELECT 1 -- ; '\n + 1"]), ("/* a; */ SELECT 1;", ["SELECT 1"]), ("SELECT a - -1;", ["SELECT a - -1"]),
        (
            "CREATE TRIGGER t BEFORE INSERT ON a EXECUTE FUNCTION f();SELECT 1;",
            ["CREATE TRIGGER t BEFORE INSERT ON a EXECUTE FUNCTION f()", "SELECT 1"]
        ),
    ])
    func `a statement ends at a semicolon that is none of a text, name or comment`(_ text: String, _ expected: [String]) throws {
        #expect(try statements(text) == expected)
    }

    @Test(arguments: [
        "CREATE TRIGGER t AFTER UPDATE ON a BEGIN UPDATE b SET c = CASE WHEN 1 THEN 2 END; DELETE FROM d; END",
        "create temp trigger t after delete on a begin insert into b values (';'); end",
        "CREATE TRIGGER t AFTER UPDATE ON a BEGIN SELECT 1; UPDATE b SET c = CASE WHEN 1 THEN 2 END; END",
    ])
    func `a trigger of SQLite's ends with its END`(_ trigger: String) throws {
        #expect(try statements("\(trigger);\nSELECT 1;", .sqlite) == [trigger, "SELECT 1"])
    }

    @Test func `SQLite has names in other quotation marks, and comments that do not nest`() throws {
        #expect(try statements("SELECT `;`, [;\"]; SELECT /* /* ; */ 1;", .sqlite) == ["SELECT `;`, [;\"]", "SELECT /* /* ; */ 1"])
        #expect(try statements("SELECT '$$;';SELECT 1;", .sqlite) == ["SELECT '$$;'", "SELECT 1"])
    }

    @Test func `comments between statements are told, those within stay where they are`() throws {
        let parts = try SQLScript.parts(of: "-- up\n\n--x\nSELECT 1 -- y\n;\n  -- down  \n/* z */\n", .postgres)
        #expect(
            parts == [.comment("up", line: 1), .comment("x", line: 3), .statement("SELECT 1 -- y", line: 4), .comment("down", line: 6)])
    }

    @Test(arguments: [
        ("SELECT 1;\nSELECT 2", 2, "has no «;»"), ("SELECT 'a;\n", 1, "has no end"), ("\nSELECT \"a;", 2, "has no end"),
        ("/* a", 1, "has no end"),
        ("DO $a$ ; $$;", 1, "dollar quotes has no end"), ("\n\\d things\n", 2, "commands of a client"), ("SELECT 1\0;", 1, "NUL"),
        ("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END;", 1, "BEGIN ATOMIC"),
    ])
    func `refuses what it cannot be sure of, and says where`(_ text: String, _ line: Int, _ reason: String) {
        let failure = #expect(throws: SQLScript.Failure.self) { try SQLScript.parts(of: text, .postgres) }
        #expect(failure?.line == line)
        #expect(failure?.reason.contains(reason) == true, "\(failure?.reason ?? "")")
    }
}
