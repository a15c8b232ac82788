import CSQLite
import SeaworthyStorage
import Testing

@testable import SeaworthySQLite

@Suite struct ConstraintTableTests {
    private func violation(_ setUp: String..., then sql: String) async throws -> StorageError? {
        try await withDatabase { database async throws in
            for text in setUp { try await database.write(text) }
            return await storageError { try await database.write(sql) }
        }
    }

    @Test func `names that hold dots, commas and spaces are told apart by the schema`() async throws {
        let error = try await violation(
            #"CREATE TABLE "a.b" ("x, y" INTEGER, "z.w" INTEGER, UNIQUE ("x, y", "z.w"))"#, #"INSERT INTO "a.b" VALUES (1, 2)"#,
            then: #"INSERT INTO "a.b" VALUES (1, 2)"#)
        #expect(error?.code == .uniqueViolation)
        #expect(error?.table == "a.b")
        #expect(error?.columns == ["x, y", "z.w"])
    }

    @Test func `a table whose name starts like another's is not taken for it`() async throws {
        let error = try await violation(
            #"CREATE TABLE a (x INTEGER UNIQUE)"#, #"CREATE TABLE "a.b" (c INTEGER PRIMARY KEY)"#, #"INSERT INTO "a.b" VALUES (1)"#,
            then: #"INSERT INTO "a.b" VALUES (1)"#)
        #expect(error?.table == "a.b")
        #expect(error?.columns == ["c"])
    }

    @Test func `a missing value in a column with a dot is found`() async throws {
        let error = try await violation(#"CREATE TABLE t ("a.b" INTEGER NOT NULL)"#, then: "INSERT INTO t VALUES (NULL)")
        #expect(error?.code == .notNullViolation)
        #expect(error?.table == "t")
        #expect(error?.columns == ["a.b"])
    }

    @Test func `a partial index names its columns`() async throws {
        let error = try await violation(
            "CREATE TABLE t (a INTEGER, b INTEGER)", "CREATE UNIQUE INDEX i ON t (a, b) WHERE b > 0", "INSERT INTO t VALUES (1, 1)",
            then: "INSERT INTO t VALUES (1, 1)")
        #expect(error?.table == "t")
        #expect(error?.columns == ["a", "b"])
    }

    @Test func `an index on an expression gives its table and its plain columns`() async throws {
        let error = try await violation(
            "CREATE TABLE t (a TEXT, b INTEGER)", "CREATE UNIQUE INDEX \"it's\" ON t (upper(a), b)", "INSERT INTO t VALUES ('x', 1)",
            then: "INSERT INTO t VALUES ('X', 1)")
        #expect(error?.code == .uniqueViolation)
        #expect(error?.table == "t")
        #expect(error?.columns == ["b"])
    }

    @Test func `a key of the table's rowid is a key`() async throws {
        let error = try await violation(
            "CREATE TABLE t (a)", "INSERT INTO t (rowid, a) VALUES (5, 1)", then: "INSERT INTO t (rowid, a) VALUES (5, 2)")
        #expect(error?.code == .uniqueViolation)
        #expect(error?.table == "t")
        #expect(error?.columns == ["rowid"])
    }

    @Test func `a value of the wrong kind names its column`() async throws {
        let strict = try await violation("CREATE TABLE t (a INTEGER) STRICT", then: "INSERT INTO t VALUES ('x')")
        #expect(strict?.code == .typeMismatch)
        #expect(strict?.table == "t")
        #expect(strict?.columns == ["a"])
        let key = try await violation("CREATE TABLE t (a INTEGER PRIMARY KEY)", then: "INSERT INTO t VALUES ('x')")
        #expect(key?.code == .typeMismatch)
        #expect(key?.columns == [])
    }

    @Test(arguments: [
        (SQLITE_BUSY, StorageError.Code.busy), (SQLITE_BUSY | 2 << 8, .busy), (SQLITE_LOCKED, .busy), (SQLITE_READONLY, .readOnly),
        (SQLITE_READONLY | 4 << 8, .readOnly), (SQLITE_PERM, .readOnly), (SQLITE_FULL, .diskFull), (SQLITE_NOTADB, .notADatabase),
        (SQLITE_CORRUPT, .corrupt), (SQLITE_CORRUPT | 3 << 8, .corrupt), (SQLITE_CANTOPEN, .cannotOpen), (SQLITE_IOERR, .inputOutput),
        (SQLITE_IOERR | 4 << 8, .inputOutput), (SQLITE_IOERR | 12 << 8, .failed), (SQLITE_INTERRUPT, .statementTimeout),
        (SQLITE_ERROR, .failed), (SQLITE_NOMEM, .failed), (SQLITE_CONSTRAINT, .failed), (SQLITE_CONSTRAINT | 1 << 8, .checkViolation),
        (SQLITE_CONSTRAINT | 3 << 8, .foreignKeyViolation), (SQLITE_CONSTRAINT | 5 << 8, .notNullViolation),
        (SQLITE_CONSTRAINT | 6 << 8, .uniqueViolation), (SQLITE_CONSTRAINT | 7 << 8, .failed),
        (SQLITE_CONSTRAINT | 8 << 8, .uniqueViolation), (SQLITE_CONSTRAINT | 10 << 8, .uniqueViolation),
        (SQLITE_CONSTRAINT | 12 << 8, .typeMismatch), (SQLITE_MISMATCH, .typeMismatch),
    ])
    func `every code of SQLite has its own`(code: Int32, expected: StorageError.Code) {
        let error = StorageError(sqlite: code, message: "a message", constraints: nil)
        #expect(error.code == expected)
        #expect(error.message == "a message (SQLite code \(code))")
        #expect(error.table == nil)
        #expect(error.columns == [])
    }
}
