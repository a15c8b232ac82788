import Testing

@testable import SeaworthyStorage

@Suite struct `What a statement does, for its span` {
    @Test(arguments: [
        (#"SELECT "a" FROM "books" WHERE "id" = ?1"#, "SELECT", "books"), (#"INSERT INTO "books" ("a") VALUES (?1)"#, "INSERT", "books"),
        (#"UPDATE "books" SET "a" = ?1 WHERE "id" IN (SELECT "id" FROM "other")"#, "UPDATE", "books"),
        (#"DELETE FROM "books""#, "DELETE", "books"), ("select 1", "SELECT", nil), ("", "", nil), ("  ", "", nil),
        (#"SELECT 'FROM "x"' FROM "books""#, "SELECT", "books"), (#"SELECT "FROM" , "b" FROM "books""#, "SELECT", "books"),
        (#"WITH "c" AS (SELECT 1 FROM "inner") SELECT * FROM "books""#, "SELECT", "books"),
        (#"WITH "c" AS (SELECT 1) INSERT INTO "books" SELECT * FROM "c""#, "INSERT", "books"),
        (#"SELECT * FROM (SELECT * FROM "books") AS "t""#, "SELECT", "books"), (#"INSERT INTO "a""b" DEFAULT VALUES"#, "INSERT", "a"),
        ("SAVEPOINT x1", "SAVEPOINT", nil), (#"SELECT "x" FROM books, "other""#, "SELECT", "books"), ("SELECT 'never ends", "SELECT", nil),
        (#"SELECT 1 FOR UPDATE "x""#, "SELECT", nil), ("DELETE FROM some_keys WHERE a = 1", "DELETE", "some_keys"),
        (#"SELECT extract(year FROM "date") FROM "books""#, "SELECT", "books"), (#"DELETE FROM ONLY "books""#, "DELETE", "books"),
        (#"SELECT "a" IS DISTINCT FROM "b" FROM "books""#, "SELECT", "books"),
        (#"INSERT OR IGNORE INTO "books" VALUES (1)"#, "INSERT", "books"),
    ]) func `is its first word and its first table`(sql: String, operation: String, collection: String?) {
        let summary = StatementSummary(sql)
        #expect(summary.operation == operation)
        #expect(summary.collection == collection)
    }
}
