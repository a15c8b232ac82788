import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

extension StorageContract {
    private struct Refusal: Error {}

    private static func definition(_ dialect: ContractDialect) -> String {
        dialect.table("items", "\"id\" \(dialect.integer) PRIMARY KEY", "\"name\" \(dialect.text)")
    }

    package static let sessions: [Check] = [
        Check(name: "a session commits each statement by itself, on one connection") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                let insert = subject.dialect.insert("items", columns: 2)
                let result = try await database.session { session in
                    // Only the connection that made it sees it.
                    try await session.execute(Statement("CREATE TEMPORARY TABLE noted (id integer)"))
                    try await session.execute(Statement("INSERT INTO noted VALUES (1)"))
                    try expectEqual(
                        try await session.execute(Statement(insert, [.integer(1), .text("a")])), 1, "the count of changed rows")
                    try expectEqual(try await database.count("items"), 1, "the view from outside")
                    let error = try await refusal { _ = try await session.execute(Statement(insert, [.integer(1), .text("b")])) }
                    try expectEqual(error.code, .uniqueViolation, "the code")
                    return try await session.query(Statement("SELECT count(*) FROM noted"), into: ValueRows())
                }
                try expectEqual(result, [[.integer(1)]], "the rows of the temporary table")
                try expectEqual(try await database.count("items"), 1, "the count of rows afterwards")
            }
        },
        Check(name: "a session's transaction is kept whole or not at all, and the session goes on") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                let insert = subject.dialect.insert("items", columns: 2)
                try await database.session { session in
                    do {
                        try await session.transaction { transaction in
                            try await transaction.execute(Statement(insert, [.integer(1), .null]))
                            throw Refusal()
                        }
                        throw ContractFailure(description: "the body's error was lost")
                    } catch is Refusal {}
                    try expectEqual(try await database.count("items"), 0, "the count of rows after the rollback")
                    let kept = try await session.transaction { transaction in
                        try await transaction.execute(Statement(insert, [.integer(2), .null]))
                        try expectEqual(try await transaction.rows("SELECT \"id\" FROM \"items\""), [[.integer(2)]], "its own view")
                        try expectEqual(try await database.count("items"), 0, "the view from outside")
                        return 7
                    }
                    try expectEqual(kept, 7, "the body's result")
                    try expectEqual(try await database.count("items"), 1, "the count of rows after the commit")
                }
            }
        },
        Check(name: "a session's statements may take longer than the statement timeout") { subject in
            try await subject.withDatabase(statementTimeout: .milliseconds(50), tables: [definition(subject.dialect)]) { database in
                let slow =
                    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) SELECT count(*) FROM n"
                let error = try await refusal { _ = try await database.rows(slow) }
                try expectEqual(error.code, .statementTimeout, "the code outside of a session")
                let found = try await database.session { session in
                    try await session.transaction { try await $0.rows(slow) }
                }
                try expectEqual(found, [[.integer(2_000_000)]], "the rows")
            }
        },
        Check(name: "a cancelled session ends, with the transaction that it was in") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                let (endless, insert) = (subject.dialect.endlessQuery, subject.dialect.insert("items", columns: 2))
                let (began, tell) = AsyncStream.makeStream(of: Void.self)
                let task = Task {
                    try await database.session { session in
                        try await session.transaction { transaction in
                            try await transaction.execute(Statement(insert, [.integer(1), .null]))
                            tell.yield()
                            _ = try await transaction.rows(endless)
                        }
                    }
                }
                for await _ in began { break }
                task.cancel()
                do {
                    try await task.value
                    throw ContractFailure(description: "the session was not cancelled")
                } catch is CancellationError {}
                try await database.transaction(.write) { _ = try await $0.execute(Statement(insert, [.integer(1), .null])) }
                try expectEqual(try await database.count("items"), 1, "the count of rows")
            }
        },
        Check(name: "what a session was set to is met by nobody else") { subject in
            try await subject.withDatabase(
                tables: [
                    definition(subject.dialect),
                    subject.dialect.table("parts", "\"item\" \(subject.dialect.integer) REFERENCES \"items\" (\"id\")"),
                ]
            ) { database in
                let (set, insert) = (subject.dialect.withoutReferences, subject.dialect.insert("parts", columns: 1))
                try await database.session { session in
                    try await session.execute(Statement(set))
                    try await session.execute(Statement(insert, [.integer(9)]))
                }
                for _ in 0..<3 {
                    let error = try await refusal {
                        try await database.transaction(.write) { _ = try await $0.execute(Statement(insert, [.integer(9)])) }
                    }
                    try expectEqual(error.code, .foreignKeyViolation, "the code")
                }
                try expectEqual(try await database.count("parts"), 1, "the count of rows")
            }
        },
        Check(name: "a session that has ended refuses statements, and so does a closed database") { subject in
            let database = try await subject.open(.seconds(60))
            let escaped = try await database.session { $0 }
            let error = try await refusal { _ = try await escaped.execute(Statement("SELECT 1")) }
            try expectEqual(error.code, .closed, "the code")
            await database.close()
            try expectEqual(try await refusal { try await database.session { _ in } }.code, .closed, "a session")
        },
    ]
}
