import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Synchronization

extension StorageContract {
    private static func definition(_ dialect: ContractDialect) -> String {
        dialect.table("items", "\"id\" \(dialect.integer) PRIMARY KEY", "\"name\" \(dialect.text)")
    }

    private static func insert(_ id: Int64, _ name: String, _ dialect: ContractDialect) -> Statement {
        let parameters = "\(dialect.parameter(1)), \(dialect.parameter(2))"
        return Statement("INSERT INTO \"items\" VALUES (\(parameters)) RETURNING \"id\"", [.integer(id), .text(name)])
    }

    /// Counts the rows it was given: a copy that had been used before would count on.
    private struct RowCount: RowReader {
        private var count = 0

        mutating func read(_ row: any Row) {
            count += 1
        }

        consuming func finish() -> Int {
            count
        }
    }

    private struct Refusal: Error {}

    private struct RefusingReader: RowReader {
        mutating func read(_ row: any Row) throws {
            throw Refusal()
        }

        consuming func finish() {}
    }

    /// Cancels a task at its first row.
    private final class Cancellation: Sendable {
        let task = Mutex<Task<Void, any Error>?>(nil)
        let rows = Atomic(0)
    }

    private struct CancellingReader: RowReader {
        let cancellation: Cancellation

        mutating func read(_ row: any Row) {
            cancellation.rows.add(1, ordering: .relaxed)
            cancellation.task.withLock { $0?.cancel() }
        }

        consuming func finish() {}
    }

    static let sequences: [Check] = [
        Check(name: "many statements in one step run in order and give an output each") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                try await database.transaction(.write) { transaction in
                    let all = Statement("SELECT \"name\" FROM \"items\" ORDER BY \"id\"")
                    let rows = try await transaction.query(
                        [
                            insert(2, "b", subject.dialect), all, insert(1, "a", subject.dialect), all, Statement("DELETE FROM \"items\""),
                            all,
                        ],
                        into: ValueRows())
                    try expectEqual(
                        rows, [[[.integer(2)]], [[.text("b")]], [[.integer(1)]], [[.text("a")], [.text("b")]], [], []], "the outputs")
                    try expectEqual(try await transaction.query([Statement](), into: ValueRows()), [], "the outputs of none")
                }
            }
        },
        Check(name: "each of many statements has a reader of its own") { subject in
            try await subject.withDatabase { database in
                let counts = try await database.transaction(.read) {
                    try await $0.query(
                        [Statement("SELECT 1"), Statement("SELECT 1 UNION ALL SELECT 2"), Statement("SELECT 1")], into: RowCount())
                }
                try expectEqual(counts, [1, 2, 1], "the counts of rows")
            }
        },
        Check(name: "the first refused of many statements says which, those after it do not run, and the transaction goes on") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                try await database.transaction(.write) { transaction in
                    let error = try await refusal {
                        _ = try await transaction.query(
                            [
                                insert(1, "a", subject.dialect), insert(2, "b", subject.dialect), insert(1, "c", subject.dialect),
                                insert(3, "d", subject.dialect), insert(2, "e", subject.dialect),
                            ], into: ValueRows())
                    }
                    try expectEqual(error.code, .uniqueViolation, "the code")
                    try expectEqual(error.row, 2, "the index")
                    try expectEqual(error.columns, ["id"], "the columns")
                    try await transaction.execute(Statement("INSERT INTO \"items\" VALUES (4, 'f')"))
                }
                let found = try await database.rows("SELECT \"id\" FROM \"items\" ORDER BY \"id\"")
                try expectEqual(found, [1, 2, 4].map { [.integer($0)] }, "the keys")
            }
        },
        Check(name: "a reader of many statements that throws ends them with its error, and the transaction goes on") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                try await database.transaction(.write) { transaction in
                    do {
                        _ = try await transaction.query(
                            [insert(1, "a", subject.dialect), insert(2, "b", subject.dialect)], into: RefusingReader())
                        throw ContractFailure(description: "the reader's error was lost")
                    } catch is Refusal {}
                    let count = try await transaction.rows("SELECT count(*) FROM \"items\" WHERE \"id\" = 2")
                    try expectEqual(count, [[.integer(0)]], "the count of rows after the error")
                }
            }
        },
        Check(name: "many statements end when their task is cancelled, also between two short ones") { subject in
            try await subject.withDatabase(tables: [definition(subject.dialect)]) { database in
                let cancellation = Cancellation()
                let task = Task {
                    while cancellation.task.withLock({ $0 == nil }) { await Task.yield() }
                    _ = try await database.transaction(.read) {
                        try await $0.query(
                            [Statement("SELECT 1"), Statement("SELECT 2")], into: CancellingReader(cancellation: cancellation))
                    }
                }
                cancellation.task.withLock { $0 = task }
                try await expectCancelled(task)
                try expectEqual(cancellation.rows.load(ordering: .relaxed), 1, "the count of rows read")

                let running = Task {
                    _ = try await database.transaction(.write) { transaction in
                        try await transaction.query(
                            [insert(1, "a", subject.dialect), Statement(subject.dialect.endlessQuery)], into: ValueRows())
                    }
                }
                try await Task.sleep(for: .milliseconds(30))
                running.cancel()
                try await expectCancelled(running)
                try expectEqual(try await database.count("items"), 0, "the count of rows")
            }
        },
    ]
}
