import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthySQLite

@Suite struct FoldingFunctionsTests {
    @Test(arguments: [
        ("", ""), ("abc XYZ", "ABC XYZ"), ("`az{@AZ[", "`AZ{@AZ["), ("straße", "STRASSE"), ("México", "MÉXICO"), ("ﬁn", "FIN"),
        ("i ı", "I I"), ("ὀδυσσεύς", "ὈΔΥΣΣΕΎΣ"), ("ŉ", "ʼN"), ("日本", "日本"), ("eight by", "EIGHT BY"), ("12345678é", "12345678É"),
    ])
    func `texts are compared by their full upper case`(text: String, upper: String) async throws {
        let sql = "SELECT seaworthy_starts_folded(?1, ?2), seaworthy_ends_folded(?1, ?2), seaworthy_contains_folded(?1, ?2 || '!')"
        let found = try await withDatabase { try await $0.rows(sql, [.text(text), .text(upper)]) }
        #expect(found == [[.integer(1), .integer(1), .integer(0)]])
    }

    @Test(arguments: [
        // text, needle in upper case, contains, starts, ends
        ("", "", 1, 1, 1), ("abc", "", 1, 1, 1), ("", "A", 0, 0, 0), ("abc", "ABC", 1, 1, 1), ("abc", "ABCD", 0, 0, 0),
        ("abc", "AB", 1, 1, 0), ("abc", "BC", 1, 0, 1), ("abc", "B", 1, 0, 0), ("abc", "b", 0, 0, 0), ("aab", "AB", 1, 0, 1),
        ("ababac", "ABAC", 1, 0, 1), ("a", "É", 0, 0, 0), ("straße", "SS", 1, 0, 0), ("straße", "STRASSE", 1, 1, 1),
        ("maß", "SS", 1, 0, 1), ("ße", "SS", 1, 1, 0), ("México", "MÉX", 1, 1, 0), ("México", "MEX", 0, 0, 0), ("México", "CO", 1, 0, 1),
        ("México", "MÉXICO!", 0, 0, 0), ("ééá", "ÉÁ", 1, 0, 1), ("e\u{301}", "É", 0, 0, 0), ("{}", "[]", 0, 0, 0), ("x@y", "X@Y", 1, 1, 1),
        ("x`y", "X@Y", 0, 0, 0),
    ])
    func `contains, starts and ends compare by upper case`(
        text: String, needle: String, contains: Int64, starts: Int64, ends: Int64
    ) async throws {
        let sql = "SELECT seaworthy_contains_folded(?1, ?2), seaworthy_starts_folded(?1, ?2), seaworthy_ends_folded(?1, ?2)"
        let found = try await withDatabase { try await $0.rows(sql, [.text(text), .text(needle)]) }
        #expect(found == [[.integer(contains), .integer(starts), .integer(ends)]])
    }

    @Test(arguments: ["contains", "starts", "ends"])
    func `null in gives null`(name: String) async throws {
        try await withDatabase { database async throws in
            let sql = "SELECT seaworthy_\(name)_folded(NULL, 'A'), seaworthy_\(name)_folded('A', NULL)"
            #expect(try await database.rows(sql) == [[.null, .null]])
        }
    }

    @Test func `they may not become part of the schema`() async throws {
        try await withDatabase { database async throws in
            try await database.write("CREATE TABLE t (a TEXT)")
            #expect(
                await storageError { try await database.write("CREATE INDEX i ON t (seaworthy_contains_folded(a, 'A'))") }?.code == .failed)
            try await database.write("CREATE VIEW v AS SELECT seaworthy_contains_folded(a, 'A') FROM t", "INSERT INTO t VALUES ('x')")
            #expect(await storageError { _ = try await database.rows("SELECT * FROM v") }?.code == .failed)
        }
    }
}
