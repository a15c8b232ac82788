import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

extension StorageContract {
    static let values: [Check] = [
        Check(name: "every kind of value comes back as it went in") { subject in
            let dialect = subject.dialect
            let samples: [(type: String, values: [Value])] = [
                (dialect.integer, [0, 1, -1, .max, .min, 1 << 53, -(1 << 53) - 1].map(Value.integer)),
                (
                    dialect.double,
                    [0, 1.5, -0.1, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, .leastNormalMagnitude, .pi]
                        .map(Value.double)
                ),
                (
                    dialect.text,
                    [
                        "", " ", "México D.F.", "e\u{301}", "\u{E9}", "😀 \u{10FFFF}", "\u{FFFF}", "'\"; DROP TABLE t; --", "?1 $1 %s",
                        "a\r\nb",
                    ]
                    .map(Value.text)
                ),
                (dialect.text, [.text(String(repeating: "ß", count: 512 * 1_024)), .text(String(repeating: "x", count: 4_097))]),
                (dialect.bytes, [[], [0], [0, 255, 0], Array(0...255), Array(repeating: 7, count: 1 << 20)].map(Value.bytes)),
            ]
            for (index, sample) in samples.enumerated() {
                let table = "kind\(index)"
                let definition = dialect.table(table, "\"n\" \(dialect.integer) PRIMARY KEY", "\"v\" \(sample.type)")
                try await subject.withDatabase(tables: [definition]) { database in
                    let insert = dialect.insert(table, columns: 2)
                    let values = sample.values + [.null]
                    try await database.transaction(.write) { transaction in
                        for (number, value) in values.enumerated() {
                            let changed = try await transaction.execute(Statement(insert, [.integer(Int64(number)), value]))
                            try expectEqual(changed, 1, "the count of changed rows")
                        }
                    }
                    let found = try await database.rows("SELECT \"v\" FROM \"\(table)\" ORDER BY \"n\"").map { $0[0] }
                    try expectEqual(found.count, values.count, "the count of rows")
                    for (left, right) in zip(found, values) {
                        try expect(left == right, "a \(sample.type) came back changed")
                    }
                }
            }
        },
        Check(name: "minus zero is zero") { subject in
            let definition = subject.dialect.table("zeros", "\"v\" \(subject.dialect.double)")
            try await subject.withDatabase(tables: [definition]) { database in
                let insert = subject.dialect.insert("zeros", columns: 1)
                try await database.transaction(.write) { _ = try await $0.execute(Statement(insert, [.double(-0.0)])) }
                let found = try await database.rows("SELECT \"v\" FROM \"zeros\"")
                try expectEqual(found, [[.double(0)]], "the value")
            }
        },
        Check(name: "an empty text and empty bytes are not null") { subject in
            let definition = subject.dialect.table("empties", "\"t\" \(subject.dialect.text)", "\"b\" \(subject.dialect.bytes)")
            try await subject.withDatabase(tables: [definition]) { database in
                let insert = subject.dialect.insert("empties", columns: 2)
                try await database.transaction(.write) { transaction in
                    try await transaction.execute(Statement(insert, [.text(""), .bytes([])]))
                    try await transaction.execute(Statement(insert, [.null, .null]))
                }
                let found = try await database.query(
                    Statement("SELECT \"t\", \"b\" FROM \"empties\" ORDER BY \"t\" IS NULL"), into: NullFlags())
                try expectEqual(found, [[false, false], [true, true]], "what is null")
            }
        },
        Check(name: "a reader that throws ends the query with its error") { subject in
            try await subject.withDatabase { database in
                do {
                    _ = try await database.query(Statement("SELECT 1"), into: RefusingReader())
                } catch is RefusingReader.Refusal {
                    try expectEqual(try await database.rows("SELECT 2"), [[.integer(2)]], "the next query")
                    return
                }
                throw ContractFailure(description: "the reader's error was lost")
            }
        },
        Check(name: "a wrong number of parameters and wrong SQL are refused") { subject in
            try await subject.withDatabase { database in
                let parameter = subject.dialect.parameter(1)
                for (sql, parameters) in [
                    ("SELECT \(parameter)", []), ("SELECT 1", [.integer(1)]), ("SELEC 1", []), ("SELECT 1; SELECT 2", []), ("", []),
                    ("SELECT * FROM nowhere", []), ("SELECT \"nothing\"", []),
                ] as [(String, [Value])] {
                    let error = try await refusal { _ = try await database.rows(sql, parameters) }
                    try expectEqual(error.code, .failed, "the code for \(sql)")
                }
            }
        },
        Check(name: "a query outside a transaction cannot write") { subject in
            let definition = subject.dialect.table("untouched", "\"v\" \(subject.dialect.integer)")
            try await subject.withDatabase(tables: [definition]) { database in
                let error = try await refusal { _ = try await database.rows("INSERT INTO \"untouched\" VALUES (1)") }
                try expectEqual(error.code, .readOnly, "the code")
                try expectEqual(try await database.count("untouched"), 0, "the count of rows")
            }
        },
    ]
}

/// Which columns are null.
private struct NullFlags: RowReader {
    private var rows: [[Bool]] = []

    mutating func read(_ row: any Row) {
        rows.append((0..<row.columnCount).map(row.isNull))
    }

    consuming func finish() -> [[Bool]] {
        rows
    }
}

private struct RefusingReader: RowReader {
    struct Refusal: Error {}

    mutating func read(_ row: any Row) throws {
        throw Refusal()
    }

    consuming func finish() {}
}
