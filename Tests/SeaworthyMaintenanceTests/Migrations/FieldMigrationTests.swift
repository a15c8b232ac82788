import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthyMaintenance

/// One field that changes, with what rows hold before and afterwards.
struct FieldCase: Sendable, CustomTestStringConvertible {
    var old: String
    var new: String
    /// A value of the old field and what it has become; a null stands for no value.
    var values: [(Value, Value)] = []
    /// Values that the new field does not take: each alone makes the migration fail.
    var misfits: [Value] = []
    /// Whether the plan has to be allowed.
    var isNarrowing = false
    /// What values are after the way back; nil for what they were.
    var back: [Value]?
    /// Whether a database is changed at all.
    var changes = true

    var testDescription: String { "\(old) → \(new)" }

    static let all: [FieldCase] = [
        FieldCase(old: "{ type: integer }", new: "{ type: bigint }", changes: false),
        FieldCase(
            old: "{ type: bigint }", new: "{ type: integer, index: true }", values: [(.integer(5), .integer(5))],
            misfits: [.integer(9_007_199_254_740_992), .integer(.min + 1)], isNarrowing: true),
        FieldCase(
            old: "{ type: integer }", new: "{ type: decimal, precision: 18, scale: 2 }",
            values: [(.integer(-7), .integer(-700)), (.integer(0), .integer(0)), (.null, .null)]),
        FieldCase(
            old: "{ type: integer }", new: "{ type: decimal, precision: 4, scale: 2 }", values: [(.integer(-99), .integer(-9900))],
            misfits: [.integer(100), .integer(-100)], isNarrowing: true),
        FieldCase(
            old: "{ type: integer }", new: "{ type: double }",
            values: [(.integer(9_007_199_254_740_991), .double(9_007_199_254_740_991)), (.integer(-1), .double(-1))]),
        FieldCase(
            old: "{ type: bigint }", new: "{ type: double }", values: [(.integer(3), .double(3))],
            misfits: [.integer(9_007_199_254_740_993)], isNarrowing: true),
        FieldCase(
            old: "{ type: bigint }", new: "{ type: string }",
            values: [(.integer(.max), .text("9223372036854775807")), (.integer(-5), .text("-5"))]),
        FieldCase(
            old: "{ type: decimal, precision: 8, scale: 2 }", new: "{ type: decimal, precision: 12, scale: 4 }",
            values: [(.integer(12_345), .integer(1_234_500)), (.integer(-1), .integer(-100))]),
        FieldCase(
            old: "{ type: decimal, precision: 8, scale: 2, min: 0 }", new: "{ type: decimal, precision: 10, scale: 2, min: 0 }",
            values: [(.integer(99_999_999), .integer(99_999_999))]),
        FieldCase(
            old: "{ type: decimal, precision: 8, scale: 4 }", new: "{ type: decimal, precision: 6, scale: 2 }",
            values: [(.integer(12_300), .integer(123)), (.integer(-99_999_900), .integer(-999_999))],
            misfits: [.integer(12_345), .integer(-1)], isNarrowing: true),
        FieldCase(
            old: "{ type: decimal, precision: 8, scale: 2 }", new: "{ type: decimal, precision: 6, scale: 2 }",
            values: [(.integer(-999_999), .integer(-999_999))], misfits: [.integer(1_000_000), .integer(-1_000_000)], isNarrowing: true),
        FieldCase(
            old: "{ type: decimal, precision: 8, scale: 2 }", new: "{ type: integer }", values: [(.integer(-12_300), .integer(-123))],
            misfits: [.integer(12_301), .integer(-1)], isNarrowing: true),
        FieldCase(old: "{ type: decimal, precision: 15, scale: 0 }", new: "{ type: integer }", values: [(.integer(7), .integer(7))]),
        FieldCase(
            old: "{ type: decimal, precision: 18, scale: 0 }", new: "{ type: integer }", values: [(.integer(7), .integer(7))],
            misfits: [.integer(9_007_199_254_740_992), .integer(-9_007_199_254_740_992)], isNarrowing: true),
        FieldCase(
            old: "{ type: decimal, precision: 15, scale: 3 }", new: "{ type: double }",
            values: [(.integer(1_500), .double(1.5)), (.integer(-1), .double(-0.001))]),
        FieldCase(
            old: "{ type: decimal, precision: 18, scale: 3 }", new: "{ type: double }", values: [(.integer(1_500), .double(1.5))],
            misfits: [.integer(1_000_000_000_000_000)], isNarrowing: true),
        FieldCase(
            old: "{ type: decimal, precision: 8, scale: 2 }", new: "{ type: text }",
            values: [(.integer(-5), .text("-0.05")), (.integer(12_340), .text("123.40")), (.integer(0), .text("0.00")), (.null, .null)],
            back: []),
        FieldCase(old: "{ type: decimal, precision: 8, scale: 0 }", new: "{ type: text }", values: [(.integer(-5), .text("-5"))], back: []),
        FieldCase(
            old: "{ type: double }", new: "{ type: bigint }", values: [(.double(-3), .integer(-3))],
            misfits: [.double(0.5), .double(1e300)],
            isNarrowing: true),
        FieldCase(
            old: "{ type: double }", new: "{ type: decimal, precision: 5, scale: 2 }",
            values: [(.double(0.1), .integer(10)), (.double(-1.25), .integer(-125))], misfits: [.double(0.125), .double(1000)],
            isNarrowing: true),
        FieldCase(old: "{ type: boolean }", new: "{ type: integer }", values: [(.integer(1), .integer(1)), (.integer(0), .integer(0))]),
        FieldCase(
            old: "{ type: integer }", new: "{ type: boolean }", values: [(.integer(1), .integer(1)), (.integer(0), .integer(0))],
            misfits: [.integer(2), .integer(-1)], isNarrowing: true),
        FieldCase(
            old: "{ type: boolean }", new: "{ type: string }",
            values: [(.integer(1), .text("true")), (.integer(0), .text("false")), (.null, .null)]),
        FieldCase(
            old: "{ type: string }", new: "{ type: boolean }",
            values: [(.text("true"), .integer(1)), (.text("false"), .integer(0)), (.null, .null)], misfits: [.text("TRUE"), .text("")],
            isNarrowing: true),
        FieldCase(
            old: "{ type: date }", new: "{ type: timestamp }",
            values: [(.text("2024-02-29"), .integer(1_709_164_800_000_000)), (.text("1969-12-31"), .integer(-86_400_000_000))]),
        FieldCase(
            old: "{ type: timestamp }", new: "{ type: date }",
            values: [(.integer(1_709_164_800_000_000), .text("2024-02-29")), (.integer(-86_400_000_000), .text("1969-12-31"))],
            misfits: [.integer(1), .integer(-1)], isNarrowing: true),
        FieldCase(old: "{ type: date }", new: "{ type: string }", values: [(.text("2024-02-29"), .text("2024-02-29"))]),
        FieldCase(
            old: "{ type: timestamp }", new: "{ type: text }",
            values: [
                (.integer(1_709_164_801_000_002), .text("2024-02-29T00:00:01.000002Z")),
                (.integer(-1), .text("1969-12-31T23:59:59.999999Z")),
            ], back: []),
        FieldCase(
            old: "{ type: uuid }", new: "{ type: string }",
            values: [(.text("018f0000-0000-7000-8000-00000000000a"), .text("018f0000-0000-7000-8000-00000000000a"))]),
        FieldCase(
            old: "{ type: string }", new: "{ type: uuid }",
            values: [(.text("018F0000-0000-7000-8000-00000000000A"), .text("018f0000-0000-7000-8000-00000000000a"))],
            misfits: [.text("018f"), .text("018f0000-0000-7000-8000-00000000000g"), .text("018f0000-0000-7000-8000-00000000000a ")],
            isNarrowing: true, back: [.text("018f0000-0000-7000-8000-00000000000a")]),
        FieldCase(
            old: "{ type: text }", new: "{ type: integer }",
            values: [(.text("-12"), .integer(-12)), (.text("0"), .integer(0)), (.null, .null)],
            misfits: [.text("1.5"), .text("x"), .text(""), .text(" 1"), .text("007"), .text("9007199254740992")], isNarrowing: true),
        FieldCase(
            old: "{ type: text }", new: "{ type: bigint }", values: [(.text("900719925474099299"), .integer(900_719_925_474_099_299))],
            misfits: [.text("99999999999999999999")], isNarrowing: true),
        FieldCase(
            old: "{ type: text }", new: "{ type: date }", values: [(.text("2024-02-29"), .text("2024-02-29")), (.null, .null)],
            misfits: [.text("2023-02-29"), .text("2024-2-29"), .text("now"), .text("")], isNarrowing: true),
        FieldCase(
            old: "{ type: text }", new: "{ type: json }", values: [(.text(#"{"a":[1]}"#), .text(#"{"a":[1]}"#)), (.null, .null)],
            misfits: [.text("{"), .text("")], isNarrowing: true),
        FieldCase(old: "{ type: json }", new: "{ type: text }", values: [(.text(#"{"a":[1]}"#), .text(#"{"a":[1]}"#))]),
        FieldCase(old: "{ type: array, items: integer }", new: "{ type: text }", values: [(.text("[1,2]"), .text("[1,2]"))], back: []),
        FieldCase(old: "{ type: array, items: integer }", new: "{ type: json }", changes: false),
        FieldCase(old: "{ type: string, max: 5 }", new: "{ type: text }", changes: false),
        FieldCase(
            old: "{ type: string, max: 50 }", new: "{ type: string, max: 3, index: true }", values: [(.text("äöü"), .text("äöü"))],
            misfits: [.text("abcd")], isNarrowing: true),
        FieldCase(
            old: "{ type: string }", new: "{ type: string, min: 2, index: true }", values: [(.text("äö"), .text("äö")), (.null, .null)],
            misfits: [.text("a")], isNarrowing: true),
        FieldCase(
            old: "{ type: integer, min: 0 }", new: "{ type: integer, min: 2, max: 4, index: true }",
            values: [(.integer(2), .integer(2)), (.integer(4), .integer(4))], misfits: [.integer(1), .integer(5)], isNarrowing: true),
        FieldCase(
            old: "{ type: bytes }", new: "{ type: bytes, max: 2, required: true, default: AQI= }",
            values: [(.bytes([7]), .bytes([7])), (.null, .bytes([1, 2]))], misfits: [.bytes([1, 2, 3])], isNarrowing: true,
            back: [.bytes([7]), .bytes([1, 2])]),
        FieldCase(
            old: "{ type: array, items: integer }", new: "{ type: array, items: integer, max: 1, required: true, default: [1] }",
            values: [(.text("[9]"), .text("[9]")), (.null, .text("[1]"))], misfits: [.text("[1,2]")], isNarrowing: true,
            back: [.text("[9]"), .text("[1]")]),
        FieldCase(
            old: "{ type: enum, values: [a, 'b''c', d] }", new: "{ type: enum, values: [a, 'b''c'], index: true }",
            values: [(.text("b'c"), .text("b'c")), (.null, .null)], misfits: [.text("d")], isNarrowing: true),
        FieldCase(old: "{ type: enum, values: [a] }", new: "{ type: enum, values: [b, a] }", changes: false),
        FieldCase(
            old: "{ type: string }", new: "{ type: enum, values: [a], index: true }", values: [(.text("a"), .text("a"))],
            misfits: [.text("b")], isNarrowing: true),
        FieldCase(
            old: "{ type: timestamp, max: \"2030-01-01T00:00:00Z\" }",
            new: "{ type: timestamp, max: \"2025-01-01T00:00:00Z\", index: true }", values: [(.integer(1), .integer(1))],
            misfits: [.integer(1_735_689_600_000_001)], isNarrowing: true),
        FieldCase(
            old: "{ type: string }", new: "{ type: string, required: true, default: 'it''s' }",
            values: [(.text("x"), .text("x")), (.null, .text("it's"))], back: [.text("x"), .text("it's")]),
        FieldCase(
            old: "{ type: decimal, precision: 9, scale: 3 }",
            new: "{ type: decimal, precision: 9, scale: 3, required: true, default: \"-1.5\" }",
            values: [(.integer(5), .integer(5)), (.null, .integer(-1_500))], back: [.integer(5), .integer(-1_500)]),
        FieldCase(
            old: "{ type: string }", new: "{ type: string, required: true }", values: [(.text(""), .text(""))], misfits: [.null],
            isNarrowing: true),
        FieldCase(old: "{ type: string, required: true }", new: "{ type: string }", values: [(.text("x"), .text("x"))]),
        FieldCase(
            old: "{ type: string }", new: "{ type: string, unique: true }",
            values: [(.text("x"), .text("x")), (.null, .null), (.null, .null)]),
        FieldCase(
            old: "{ type: string, index: true }", new: "{ type: string, column: other, index: true }", values: [(.text("x"), .text("x"))]),
        FieldCase(
            old: "{ type: boolean }", new: "{ type: boolean, required: true, default: true }",
            values: [(.integer(0), .integer(0)), (.null, .integer(1))], back: [.integer(0), .integer(1)]),
    ]
}

@Suite struct FieldMigrationTests {
    private func schema(_ field: String) throws -> Schema {
        try MigrationBench.schema(
            "Thing:\n  key: id\n  fields:\n    id: { type: integer, generated: true }\n    F: \(field)\n    G: { type: string }")
    }

    private func type(_ schema: Schema) -> FieldType { schema.entities[0].fields[1].type }
    private func column(_ schema: Schema) -> String { schema.entities[0].fields[1].column }

    private func insert(_ value: Value, key: Int, _ schema: Schema, _ bench: MigrationBench) async throws {
        try await bench.run(
            "INSERT INTO things (id, \"\(column(schema))\", \"G\") VALUES (\(key), \(bench.language.literal(value, type(schema))), 'g\(key)')"
        )
    }

    @Test(arguments: FieldCase.all, MigratedDatabase.allCases)
    func `keeps every value that fits, there and back, and ends like a new database`(_ fieldCase: FieldCase, _ kind: MigratedDatabase)
        async throws
    {
        let (old, new) = (try schema(fieldCase.old), try schema(fieldCase.new))
        let expected = try await MigrationBench.with(kind) { fresh in
            try await fresh.make(new)
            return try await fresh.structure()
        }
        try await MigrationBench.with(kind) { bench in
            try await bench.make(old)
            let before = try await bench.structure()
            for (index, pair) in fieldCase.values.enumerated() { try await insert(pair.0, key: index + 1, old, bench) }
            if fieldCase.isNarrowing {
                let error = await refusal { try bench.plan(from: old, to: new) }
                #expect(error?.code == .destructive)
                #expect(error?.fix.contains("--allow-destructive") == true)
            }
            let plan = try bench.plan(from: old, to: new, allowsDestructive: fieldCase.isNarrowing)
            #expect(plan.files.isEmpty != fieldCase.changes)
            let outcome = try await bench.apply(new, allowsDestructive: fieldCase.isNarrowing)
            #expect(outcome.steps.count == plan.files.count)
            #expect(outcome.notes == [])
            #expect(try await bench.structure() == expected)
            #expect(try await bench.runner().isAt(new))
            for (index, pair) in fieldCase.values.enumerated() {
                let holds = try await bench.holds(pair.1, type(new), column: column(new), of: "things", key: index + 1)
                #expect(holds, "row \(index + 1) of \(pair)")
                #expect(try await bench.count("things", where: "id = \(index + 1) AND \"G\" = 'g\(index + 1)'") == 1)
            }
            #expect(try await bench.apply(new).steps == [])
            guard fieldCase.back?.isEmpty != true else {
                let error = await refusal { try await bench.rollback(1) }
                #expect(error?.code == .planRefused)
                #expect(error?.details.first?.hasSuffix("has no way back") == true)
                #expect(plan.obstacles.count == 1)
                return
            }
            try await bench.rollback(1)
            #expect(try await bench.structure() == before)
            for (index, pair) in fieldCase.values.enumerated() {
                let value = fieldCase.back?[index] ?? pair.0
                #expect(try await bench.holds(value, type(old), column: column(old), of: "things", key: index + 1), "back: \(pair)")
            }
        }
    }

    @Test(arguments: FieldCase.all.filter { !$0.misfits.isEmpty }, MigratedDatabase.allCases)
    func `refuses each value that does not fit, and then changes nothing`(_ fieldCase: FieldCase, _ kind: MigratedDatabase) async throws {
        let (old, new) = (try schema(fieldCase.old), try schema(fieldCase.new))
        try await MigrationBench.with(kind) { bench in
            try await bench.make(old)
            try bench.plan(from: old, to: new, allowsDestructive: true)
            let before = try await bench.structure()
            for misfit in fieldCase.misfits {
                try await insert(misfit, key: 1, old, bench)
                let error = await refusal { try await bench.apply(new, allowsDestructive: true) }
                #expect(error?.code == .failed, "\(misfit)")
                #expect(error?.fix.contains("change the rows") == true, "\(misfit): \(error?.description ?? "")")
                #expect(try await bench.structure() == before, "\(misfit)")
                #expect(try await bench.holds(misfit, type(old), column: column(old), of: "things", key: 1), "\(misfit)")
                try await bench.run("DELETE FROM things")
            }
            // And the column takes the next that fits.
            try await bench.apply(new, allowsDestructive: true)
            #expect(try await bench.runner().isAt(new))
        }
    }

    @Test(arguments: [
        ("{ type: double }", "{ type: string }"), ("{ type: string }", "{ type: timestamp }"), ("{ type: string }", "{ type: bytes }"),
        ("{ type: json }", "{ type: array, items: integer }"), ("{ type: uuid }", "{ type: integer }"),
        ("{ type: date }", "{ type: integer }"),
        ("{ type: array, items: integer }", "{ type: array, items: string }"), ("{ type: integer }", "{ type: enum, values: [a] }"),
    ])
    func `refuses by name what it cannot convert`(old: String, new: String) throws {
        let error = #expect(throws: MaintenanceError.self) {
            try MigrationPlanner.plan(
                from: schema(old), to: schema(new), name: nil, time: 0, after: nil, allowsDestructive: true)
        }
        #expect(error?.code == .planRefused)
        #expect(error?.details.first?.hasPrefix("Thing.F: values of type ") == true)
    }
}
