import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

extension StorageContract {
    private static func definition(_ dialect: ContractDialect) -> String {
        dialect.table("items", "\"id\" \(dialect.integer)")
    }

    static func expectCancelled<T: Sendable>(_ task: Task<T, any Error>, line: Int = #line) async throws {
        switch await task.result {
        case .success: throw ContractFailure(description: "a cancelled task went through (line \(line))")
        case .failure(let error):
            try expect(error is CancellationError, "a cancelled task threw \(error) (line \(line))", line: line)
        }
    }

    static let interruptions: [Check] = [
        Check(name: "a running statement ends when its task is cancelled, and no other does") { subject in
            try await subject.withDatabase { database in
                for pause in [0, 1, 30, 100] {
                    let task = Task { try await database.rows(subject.dialect.endlessQuery) }
                    try await Task.sleep(for: .milliseconds(pause))
                    task.cancel()
                    try await expectCancelled(task)
                    for _ in 0..<20 { try expectEqual(try await database.rows("SELECT 1"), [[.integer(1)]], "the next query") }
                }
            }
        },
        Check(name: "a task cancelled before it asks gets no answer") { subject in
            try await subject.withDatabase { database in
                let task = Task {
                    while !Task.isCancelled { await Task.yield() }
                    return try await database.rows("SELECT 1")
                }
                task.cancel()
                try await expectCancelled(task)
            }
        },
        Check(name: "a transaction that waits for another ends when its task is cancelled") { subject in
            let table = subject.dialect.table("items", "\"id\" \(subject.dialect.integer) PRIMARY KEY")
            try await subject.withDatabase(tables: [table]) { database in
                try await database.transaction(.write) { transaction in
                    // One writer lets nobody else in; with several the second waits for what becomes of the first one's key.
                    try await transaction.execute(Statement("INSERT INTO \"items\" VALUES (1)"))
                    let waiting = Task {
                        try await database.transaction(.write) { _ = try await $0.execute(Statement("INSERT INTO \"items\" VALUES (1)")) }
                    }
                    try await Task.sleep(for: .milliseconds(50))
                    waiting.cancel()
                    // The first is still here: only one that gives up can end now.
                    try await expectCancelled(waiting)
                    try await transaction.execute(Statement("INSERT INTO \"items\" VALUES (2)"))
                }
                let found = try await database.rows("SELECT \"id\" FROM \"items\" ORDER BY \"id\"")
                try expectEqual(found, [[.integer(1)], [.integer(2)]], "the rows")
            }
        },
        Check(name: "a transaction whose task is cancelled leaves nothing, even when its body goes on") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                let task = Task {
                    try await database.transaction(.write) { transaction in
                        try await transaction.execute(Statement("INSERT INTO \"items\" VALUES (1)"))
                        while !Task.isCancelled { await Task.yield() }
                    }
                }
                try await Task.sleep(for: .milliseconds(20))
                task.cancel()
                try await expectCancelled(task)
                try expectEqual(try await database.count("items"), 0, "the count of rows")
            }
        },
        Check(name: "a write that is interrupted takes its transaction with it") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                let task = Task {
                    try await database.transaction(.write) { transaction in
                        try await transaction.execute(Statement("INSERT INTO \"items\" VALUES (1)"))
                        do {
                            try await transaction.execute(Statement("INSERT INTO \"items\" \(subject.dialect.endlessQuery)"))
                        } catch {
                            // A body that does not give up must not write outside the transaction either.
                            _ = try? await transaction.execute(Statement("INSERT INTO \"items\" VALUES (3)"))
                        }
                    }
                }
                try await Task.sleep(for: .milliseconds(50))
                task.cancel()
                try await expectCancelled(task)
                try expectEqual(try await database.count("items"), 0, "the count of rows")
            }
        },
        Check(name: "a statement that runs too long is interrupted") { subject in
            try await subject.withDatabase(statementTimeout: .seconds(2), tables: [definition(subject.dialect)]) { database in
                let reading = try await refusal { _ = try await database.rows(subject.dialect.endlessQuery) }
                try expectEqual(reading.code, .statementTimeout, "the code of a query")
                let writing = try await refusal {
                    try await database.transaction(.write) { transaction in
                        try await transaction.execute(Statement("INSERT INTO \"items\" VALUES (1)"))
                        let error = try await refusal {
                            try await transaction.execute(Statement("INSERT INTO \"items\" \(subject.dialect.endlessQuery)"))
                        }
                        try expectEqual(error.code, .statementTimeout, "the code of a write")
                        try await transaction.execute(Statement("INSERT INTO \"items\" VALUES (2)"))
                    }
                }
                try expectEqual(writing.code, .statementTimeout, "the code of the transaction")
                try expectEqual(try await database.count("items"), 0, "the count of rows")
            }
        },
    ]
}
