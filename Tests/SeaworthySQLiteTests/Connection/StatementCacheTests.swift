import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthySQLite

@Suite struct StatementCacheTests {
    private func withConnection(limit: Int, _ body: (SQLiteConnection, StatementCache) throws -> Void) throws {
        let connection = try SQLiteConnection(path: ":memory:", role: .reader, settings: SQLiteSettings(.memory), commits: CommitCounter())
        defer { connection.close() }
        try body(connection, StatementCache(handle: connection.handle, limit: limit))
    }

    private func use(_ sql: SQLText, _ cache: StatementCache) throws -> CachedStatement {
        try cache.statement(for: sql) { throw StorageError(.failed, message: "code \($0)") }
    }

    @Test func `a text is prepared once`() throws {
        try withConnection(limit: 4) { _, cache in
            let sql = SQLText("SELECT ?1, ?2")
            let first = try use(sql, cache)
            #expect(try use(sql, cache) === first)
            #expect(first.parameterCount == 2)
            // The same text in another object is another statement: nothing is hashed.
            #expect(try use(SQLText("SELECT ?1, ?2"), cache) !== first)
            #expect(cache.count == 2)
        }
    }

    @Test func `the least recently used statement makes room`() throws {
        try withConnection(limit: 3) { _, cache in
            let texts = (0..<4).map { SQLText("SELECT \($0)") }
            for text in texts.prefix(3) { _ = try use(text, cache) }
            #expect(cache.count == 3)
            _ = try use(texts[0], cache)
            _ = try use(texts[3], cache)
            #expect(cache.count == 3)
            #expect(texts.map(cache.contains) == [true, false, true, true])
        }
    }

    @Test func `only one statement a text is taken`() throws {
        try withConnection(limit: 3) { _, cache in
            _ = try use(SQLText("SELECT 1;\n \t\r"), cache)
            for text in ["SELECT 1; SELECT 2", "SELECT 1; x", "", "  ", "-- nothing"] {
                #expect(throws: StorageError.self) { try use(SQLText(text), cache) }
            }
            #expect(cache.count == 1)
        }
    }

    @Test func `a statement goes on after the schema changed, and after many others`() async throws {
        try await withDatabase {
            // One reader, so that it is the connection that knows the old columns which meets the new ones.
            $0.readerCount = 1
            $0.preparedStatementLimit = 2
        } _: { database async throws in
            let sql = SQLText("SELECT * FROM t")
            try await database.write("CREATE TABLE t (a)", "INSERT INTO t VALUES (1)")
            #expect(try await database.query(Statement(sql), into: ValueRows()) == [[.integer(1)]])
            try await database.write("ALTER TABLE t ADD COLUMN b DEFAULT 'x'")
            for _ in 0..<8 {
                #expect(try await database.query(Statement(sql), into: ValueRows()) == [[.integer(1), .text("x")]])
                for number in 0..<5 { _ = try await database.rows("SELECT \(number)") }
            }
        }
    }

    @Test func `rows are read in the forms they have`() async throws {
        struct Forms: RowReader {
            var found: [String] = []
            mutating func read(_ row: any Row) {
                found = [
                    "\(row.columnCount)", "\(row.integer(0))", "\(row.double(1))", row.text(2), "\(Array(row.bytes(3)))",
                    "\(row.isNull(4)) \(row.integer(4)) \(row.double(4)) [\(row.text(4))] \(row.bytes(4).count)", "\(row.isNull(0))",
                    "\(row.isNull(99)) \(row.isNull(-1))",
                ]
            }
            consuming func finish() -> [String] { found }
        }
        try await withDatabase { database async throws in
            let found = try await database.query(Statement("SELECT 7, 1.5, 'é', x'00ff', NULL"), into: Forms())
            #expect(found == ["5", "7", "1.5", "é", "[0, 255]", "true 0 0.0 [] 0", "false", "true true"])
        }
    }
}
