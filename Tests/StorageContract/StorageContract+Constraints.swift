import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

extension StorageContract {
    private static func definitions(_ dialect: ContractDialect) -> [String] {
        [
            dialect.table("parents", "\"id\" \(dialect.integer) PRIMARY KEY", "\"CompanyName\" \(dialect.text) UNIQUE"),
            dialect.table(
                "children", "\"a\" \(dialect.integer)", "\"b\" \(dialect.text)", "\"needed\" \(dialect.integer) NOT NULL",
                "\"positive\" \(dialect.integer) CONSTRAINT positive CHECK (\"positive\" > 0)",
                "\"parent\" \(dialect.integer) REFERENCES \"parents\" (\"id\") DEFERRABLE", "PRIMARY KEY (\"a\", \"b\")"),
            "INSERT INTO \"parents\" VALUES (1, 'one'), (2, 'two')",
            "INSERT INTO \"children\" VALUES (1, 'x', 1, 1, 1)",
        ]
    }

    private static func violation(_ sql: String, _ subject: ContractSubject) async throws -> StorageError {
        let database = try await subject.open(.seconds(60))
        let error = try await refusal {
            try await database.transaction(.write) { transaction in
                for definition in definitions(subject.dialect) { try await transaction.execute(Statement(definition)) }
                try await transaction.execute(Statement(sql))
            }
        }
        await database.close()
        return error
    }

    static let constraints: [Check] = [
        Check(name: "a unique conflict names its table and columns") { subject in
            for (sql, table, columns) in [
                ("INSERT INTO \"parents\" VALUES (3, 'one')", "parents", ["CompanyName"]),
                ("INSERT INTO \"parents\" VALUES (1, 'three')", "parents", ["id"]),
                ("UPDATE \"parents\" SET \"CompanyName\" = 'one'", "parents", ["CompanyName"]),
                ("INSERT INTO \"children\" VALUES (1, 'x', 1, 1, 1)", "children", ["a", "b"]),
            ] {
                let error = try await violation(sql, subject)
                try expectEqual(error.code, .uniqueViolation, "the code for \(sql)")
                try expectEqual(error.table, table, "the table for \(sql)")
                try expectEqual(error.columns, columns, "the columns for \(sql)")
            }
        },
        Check(name: "a missing value names its table and column") { subject in
            let error = try await violation("INSERT INTO \"children\" VALUES (2, 'x', NULL, 1, 1)", subject)
            try expectEqual(error.code, .notNullViolation, "the code")
            try expectEqual(error.table, "children", "the table")
            try expectEqual(error.columns, ["needed"], "the columns")
        },
        Check(name: "a failed check and references to nothing or from something have their codes") { subject in
            for (sql, code) in [
                ("INSERT INTO \"children\" VALUES (2, 'x', 1, 0, 1)", StorageError.Code.checkViolation),
                ("INSERT INTO \"children\" VALUES (2, 'x', 1, 1, 99)", .foreignKeyViolation),
                ("DELETE FROM \"parents\" WHERE \"id\" = 1", .foreignKeyViolation),
            ] {
                try expectEqual(try await violation(sql, subject).code, code, "the code for \(sql)")
            }
        },
        Check(name: "a refused statement leaves the transaction usable") { subject in
            try await subject.withDatabase(tables: definitions(subject.dialect)) { database in
                try await database.transaction(.write) { transaction in
                    try await transaction.execute(Statement("INSERT INTO \"parents\" VALUES (3, 'three')"))
                    let error = try await refusal {
                        try await transaction.execute(Statement("INSERT INTO \"parents\" VALUES (4, 'four'), (5, 'one')"))
                    }
                    try expectEqual(error.code, .uniqueViolation, "the code")
                    try await transaction.execute(Statement("INSERT INTO \"parents\" VALUES (6, 'six')"))
                }
                let found = try await database.rows("SELECT \"id\" FROM \"parents\" ORDER BY \"id\"")
                try expectEqual(found, [1, 2, 3, 6].map { [.integer($0)] }, "the keys")
            }
        },
        Check(name: "deferred references may be fulfilled later in the transaction") { subject in
            try await subject.withDatabase(tables: definitions(subject.dialect)) { database in
                try await database.transaction(.write) { transaction in
                    try await transaction.deferReferences()
                    try await transaction.execute(Statement("INSERT INTO \"children\" VALUES (2, 'x', 1, 1, 9)"))
                    let error = try await refusal { try await transaction.checkReferences() }
                    try expectEqual(error.code, .foreignKeyViolation, "the code")
                    try await transaction.execute(Statement("INSERT INTO \"parents\" VALUES (9, 'nine')"))
                    try await transaction.checkReferences()
                }
                try expectEqual(try await database.count("children"), 2, "the count of rows")
            }
        },
        Check(name: "a commit with a deferred reference to nothing is refused and leaves nothing, and the next checks at once again") {
            subject in
            try await subject.withDatabase(tables: definitions(subject.dialect)) { database in
                let insert = Statement("INSERT INTO \"children\" VALUES (2, 'x', 1, 1, 9)")
                let atCommit = try await refusal {
                    try await database.transaction(.write) { transaction in
                        try await transaction.deferReferences()
                        try await transaction.execute(insert)
                    }
                }
                try expectEqual(atCommit.code, .foreignKeyViolation, "the code at the commit")
                try expectEqual(try await database.count("children"), 1, "the count of rows")
                try await database.transaction(.write) { transaction in
                    let atOnce = try await refusal { try await transaction.execute(insert) }
                    try expectEqual(atOnce.code, .foreignKeyViolation, "the code of the statement")
                }
            }
        },
    ]
}
