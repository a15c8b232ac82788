import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

extension StorageContract {
    private static func definition(_ dialect: ContractDialect) -> String {
        dialect.table("items", "\"id\" \(dialect.integer) PRIMARY KEY", "\"name\" \(dialect.text) NOT NULL")
    }

    static let batches: [Check] = [
        Check(name: "a batch runs its statement for every row") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                let insert = subject.dialect.insert("items", columns: 2)
                let values = (0..<5_000).flatMap { number -> [Value] in
                    [.integer(Int64(number)), .text(number % 2 == 0 ? "" : "name \(number) of the batch")]
                }
                let refused = try await database.transaction(.write) {
                    try await $0.executeBatch(insert, values: values, width: 2, continuesOnError: false)
                }
                try expectEqual(refused.count, 0, "the count of refused rows")
                let found = try await database.rows("SELECT \"id\", \"name\" FROM \"items\" ORDER BY \"id\"")
                try expectEqual(found.flatMap(\.self), values, "the rows")
            }
        },
        Check(name: "a batch of no rows does nothing") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                let insert = subject.dialect.insert("items", columns: 2)
                let refused = try await database.transaction(.write) {
                    try await $0.executeBatch(insert, values: [], width: 2, continuesOnError: false)
                }
                try expectEqual(refused.count, 0, "the count of refused rows")
                try expectEqual(try await database.count("items"), 0, "the count of rows")
            }
        },
        Check(name: "a batch stops at the first refused row and says which") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                let insert = subject.dialect.insert("items", columns: 2)
                let values: [Value] = [.integer(1), .text("a"), .integer(2), .text("b"), .integer(1), .text("c"), .integer(3), .text("d")]
                try await database.transaction(.write) { transaction in
                    let error = try await refusal {
                        _ = try await transaction.executeBatch(insert, values: values, width: 2, continuesOnError: false)
                    }
                    try expectEqual(error.code, .uniqueViolation, "the code")
                    try expectEqual(error.row, 2, "the row")
                    try expectEqual(error.columns, ["id"], "the columns")
                    // The rows before it are in, and the transaction goes on.
                    try expectEqual(try await transaction.rows("SELECT count(*) FROM \"items\""), [[.integer(2)]], "the count of rows")
                }
            }
        },
        Check(name: "a batch that continues on errors reports each refused row and takes the others") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                let insert = subject.dialect.insert("items", columns: 2)
                let values: [Value] = [
                    .integer(1), .null, .integer(2), .text("b"), .integer(2), .text("c"), .integer(3), .text("d"), .integer(4), .null,
                ]
                let refused = try await database.transaction(.write) {
                    try await $0.executeBatch(insert, values: values, width: 2, continuesOnError: true)
                }
                try expectEqual(refused.map(\.row), [0, 2, 4], "the rows")
                try expectEqual(refused.map(\.code), [.notNullViolation, .uniqueViolation, .notNullViolation], "the codes")
                try expectEqual(refused.map(\.columns), [["name"], ["id"], ["name"]], "the columns")
                let found = try await database.rows("SELECT \"id\", \"name\" FROM \"items\" ORDER BY \"id\"")
                try expectEqual(found, [[.integer(2), .text("b")], [.integer(3), .text("d")]], "the rows that went in")
            }
        },
        Check(name: "a batch whose values do not make whole rows is refused") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                let insert = subject.dialect.insert("items", columns: 2)
                for (values, width) in [([.integer(1), .text("a"), .integer(2)], 2), ([.integer(1)], 1), ([], 0)] as [([Value], Int)] {
                    let error = try await refusal {
                        try await database.transaction(.write) {
                            _ = try await $0.executeBatch(insert, values: values, width: width, continuesOnError: true)
                        }
                    }
                    try expectEqual(error.code, .failed, "the code for \(values.count) values")
                }
                try expectEqual(try await database.count("items"), 0, "the count of rows")
            }
        },
    ]
}
