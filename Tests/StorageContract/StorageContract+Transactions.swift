import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

extension StorageContract {
    private struct Refusal: Error {}

    private static func definition(_ dialect: ContractDialect) -> String {
        dialect.table("items", "\"id\" \(dialect.integer) PRIMARY KEY", "\"name\" \(dialect.text)")
    }

    static let transactions: [Check] = [
        Check(name: "what is committed is read") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                let insert = subject.dialect.insert("items", columns: 2)
                for number in 0..<20 {
                    let result = try await database.transaction(.write) { transaction in
                        try await transaction.execute(Statement(insert, [.integer(Int64(number)), .text("n\(number)")]))
                        return number * 2
                    }
                    try expectEqual(result, number * 2, "the body's result")
                    try expectEqual(try await database.count("items"), Int64(number + 1), "the count of rows")
                }
            }
        },
        Check(name: "a body that throws leaves nothing") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                let insert = subject.dialect.insert("items", columns: 2)
                do {
                    try await database.transaction(.write) { transaction in
                        try await transaction.execute(Statement(insert, [.integer(1), .null]))
                        throw Refusal()
                    }
                    throw ContractFailure(description: "the body's error was lost")
                } catch is Refusal {}
                try expectEqual(try await database.count("items"), 0, "the count of rows")
                try await database.transaction(.write) { _ = try await $0.execute(Statement(insert, [.integer(1), .null])) }
                try expectEqual(try await database.count("items"), 1, "the count of rows afterwards")
            }
        },
        Check(name: "nobody else sees what is not committed") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                let insert = subject.dialect.insert("items", columns: 2)
                try await database.transaction(.write) { transaction in
                    try await transaction.execute(Statement(insert, [.integer(1), .null]))
                    try expectEqual(try await transaction.rows("SELECT count(*) FROM \"items\""), [[.integer(1)]], "its own view")
                    try expectEqual(try await database.count("items"), 0, "the view from outside")
                }
                try expectEqual(try await database.count("items"), 1, "the view after the commit")
            }
        },
        Check(name: "a read transaction keeps its snapshot, from its begin") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                let insert = subject.dialect.insert("items", columns: 2)
                try await database.transaction(.read) { reading in
                    try await database.transaction(.write) { _ = try await $0.execute(Statement(insert, [.integer(1), .null])) }
                    try expectEqual(try await reading.rows("SELECT count(*) FROM \"items\""), [[.integer(0)]], "the first look")
                    try await database.transaction(.write) { _ = try await $0.execute(Statement(insert, [.integer(2), .null])) }
                    try expectEqual(try await reading.rows("SELECT count(*) FROM \"items\""), [[.integer(0)]], "the second look")
                    try expectEqual(try await database.count("items"), 2, "the view from outside")
                }
            }
        },
        Check(name: "a read transaction cannot write") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                let insert = subject.dialect.insert("items", columns: 2)
                let error = try await refusal {
                    try await database.transaction(.read) { _ = try await $0.execute(Statement(insert, [.integer(1), .null])) }
                }
                try expectEqual(error.code, .readOnly, "the code")
            }
        },
        Check(name: "RETURNING gives the written rows, and a count is of changed rows only") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                try await database.transaction(.write) { transaction in
                    let insert = "INSERT INTO \"items\" VALUES (7, 'x'), (8, 'y') RETURNING \"id\", \"name\""
                    try expectEqual(
                        try await transaction.rows(insert), [[.integer(7), .text("x")], [.integer(8), .text("y")]], "the rows")
                    try expectEqual(try await transaction.execute(Statement("UPDATE \"items\" SET \"name\" = 'z'")), 2, "the update")
                    try expectEqual(try await transaction.execute(Statement("DELETE FROM \"items\" WHERE \"id\" = 9")), 0, "the delete")
                    let table = subject.dialect.table("more", "\"id\" \(subject.dialect.integer)")
                    try expectEqual(try await transaction.execute(Statement(table)), 0, "CREATE TABLE")
                }
                try expectEqual(try await database.count("items"), 2, "the count of rows")
            }
        },
        Check(name: "writes come one after another, and none is lost") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                let insert = subject.dialect.insert("items", columns: 2)
                try await database.transaction(.write) { _ = try await $0.execute(Statement(insert, [.integer(0), .text("")])) }
                let update = SQLText("UPDATE \"items\" SET \"name\" = \(subject.dialect.parameter(1)) WHERE \"id\" = 0")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<100 {
                        group.addTask {
                            try await database.transaction(.write) { transaction in
                                guard case .text(let name) = try await transaction.rows("SELECT \"name\" FROM \"items\"")[0][0] else {
                                    throw ContractFailure(description: "the name is no text")
                                }
                                try await transaction.execute(Statement(update, [.text(name + "x")]))
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                let found = try await database.rows("SELECT \"name\" FROM \"items\"")
                try expectEqual(found, [[.text(String(repeating: "x", count: 100))]], "the name")
            }
        },
        Check(name: "two hundred tasks read and write at once") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                let insert = subject.dialect.insert("items", columns: 2)
                let select = SQLText("SELECT \"name\" FROM \"items\" WHERE \"id\" = \(subject.dialect.parameter(1))")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<200 {
                        group.addTask {
                            let key = Value.integer(Int64(number))
                            try await database.transaction(.write) { transaction in
                                _ = try await transaction.execute(Statement(insert, [key, .text("n\(number)")]))
                            }
                            let found = try await database.query(Statement(select, [key]), into: ValueRows())
                            try expectEqual(found, [[.text("n\(number)")]], "row \(number)")
                        }
                    }
                    try await group.waitForAll()
                }
                try expectEqual(try await database.count("items"), 200, "the count of rows")
            }
        },
        Check(name: "a transaction that has ended refuses statements") { subject in
            try await subject.withDatabase { database in
                let escaped = try await database.transaction(.read) { $0 }
                let error = try await refusal { _ = try await escaped.rows("SELECT 1") }
                try expectEqual(error.code, .closed, "the code")
            }
        },
        Check(name: "a database that is open answers a probe, and one that is closed refuses all") { subject in
            let database = try await subject.open(.seconds(60))
            try await database.probe()
            await database.close()
            await database.close()
            try expectEqual(try await refusal { _ = try await database.rows("SELECT 1") }.code, .closed, "a query")
            try expectEqual(try await refusal { try await database.transaction(.write) { _ in } }.code, .closed, "a write")
            try expectEqual(try await refusal { try await database.transaction(.read) { _ in } }.code, .closed, "a read")
            try expectEqual(try await refusal { try await database.probe() }.code, .closed, "a probe")
        },
        Check(name: "closing waits for the transaction that runs") { subject in
            let database = try await subject.open(.seconds(60))
            let table = definition(subject.dialect)
            let closing = try await database.transaction(.write) { transaction in
                try await transaction.execute(Statement(table))
                let closing = Task { await database.close() }
                // Until the closing has begun, which refuses new work.
                while (try? await database.rows("SELECT 1")) != nil { await Task.yield() }
                let insert = subject.dialect.insert("items", columns: 2)
                try expectEqual(try await transaction.execute(Statement(insert, [.integer(1), .null])), 1, "the count of changed rows")
                return closing
            }
            await closing.value
        },
    ]
}
