import SeaworthyData
import SeaworthySchema
import Testing

/// Sums beyond 64 bits, digits of averages, and the JSON form of every type.
@Suite struct AggregateValueTests {
    static func store(_ rows: [[Value]]) async throws -> TestStore {
        let store = try await TestStore(
            """
            Number:
              key: ID
              fields:
                ID: { type: integer }
                Whole: { type: integer }
                Big: { type: bigint }
                Real: { type: double }
                Money: { type: decimal, precision: 12, scale: 2 }
                Full: { type: decimal, precision: 18, scale: 0 }
                Flag: { type: boolean }
                At: { type: timestamp }
                Mark: { type: uuid }
                Raw: { type: bytes }
              \(TestStore.open)
            """)
        let records = rows.enumerated().map { id, row in
            [Value.integer(Int64(id))] + row + Array(repeating: Value.null, count: 9 - row.count)
        }
        try await store.fill("INSERT INTO numbers VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)", records)
        return store
    }

    /// Records of one field, by its place behind the key.
    private static func store(_ place: Int, _ values: [Value]) async throws -> TestStore {
        try await store(values.map { Array(repeating: Value.null, count: place) + [$0] })
    }

    @Test func `sums are exact to the last integer of 64 bits`() async throws {
        let big = try await Self.store(1, [.integer(.max - 5), .integer(5)])
        #expect(try await big.aggregate("Number", ["measures": "sum(Big)"]) == #"{"sum(Big)":"9223372036854775807"}"#)
        let small = try await Self.store(1, [.integer(.min + 5), .integer(-5)])
        #expect(try await small.aggregate("Number", ["measures": "sum(Big)"]) == #"{"sum(Big)":"-9223372036854775808"}"#)
        let whole = try await Self.store(0, [.integer(9_007_199_254_740_990), .integer(1)])
        #expect(try await whole.aggregate("Number", ["measures": "sum(Whole)"]) == #"{"sum(Whole)":9007199254740991}"#)
        // A decimal's sum may have more digits than the field.
        let money = try await Self.store(3, Array(repeating: .integer(999_999_999_999), count: 3))
        #expect(try await money.aggregate("Number", ["measures": "sum(Money)"]) == #"{"sum(Money)":"29999999999.97"}"#)
        let full = try await Self.store(4, Array(repeating: .integer(999_999_999_999_999_999), count: 9))
        #expect(
            try await full.aggregate("Number", ["measures": "sum(Full),avg(Full)"])
                == #"{"sum(Full)":"8999999999999999991","avg(Full)":"999999999999999999"}"#)
    }

    @Test(
        arguments: [
            (1, [.integer(.max), .integer(1)], "sum(Big)", "a sum"), (1, [.integer(.min), .integer(-1)], "sum(Big)", "a sum"),
            (0, [.integer(9_007_199_254_740_991), .integer(1)], "sum(Whole)", "«sum(Whole)»"),
            (0, [.integer(-9_007_199_254_740_991), .integer(-1)], "sum(Whole)", "«sum(Whole)»"),
            (2, [.double(1.7e308), .double(1.7e308)], "sum(Real)", "«sum(Real)»"),
            (2, [.double(-1.7e308), .double(-1.7e308)], "avg(Real)", "«avg(Real)»"),
            (4, Array(repeating: .integer(999_999_999_999_999_999), count: 10), "avg(Full)", "a sum"),
        ] as [(Int, [Value], String, String)])
    func `a sum that its type does not hold is refused`(_ place: Int, _ values: [Value], _ measure: String, _ subject: String) async throws
    {
        let store = try await Self.store(place, values)
        // PostgreSQL itself refuses to add doubles beyond what they hold, and does not say of which measure.
        let subject = TestStore.isOnPostgres && place == 2 ? "a sum" : subject
        for query: KeyValuePairs<String, String> in [["measures": measure], ["measures": measure, "groupBy": "Flag"]] {
            #expect(
                await refusal { try await store.aggregate("Number", query) }
                    == "measures sum_out_of_range: \(subject) of some group is larger than its type holds; filter or group more finely")
        }
        // What is not asked for is not refused.
        #expect(try await store.aggregate("Number") == "{\"count\":\(values.count)}")
        let fewer = try await store.aggregate("Number", ["measures": measure, "filter": #"{"ID":0}"#])
        #expect(!fewer.contains("null"))
    }

    @Test func `averages of decimals are rounded half away from zero, four digits behind the field's`() async throws {
        for (cents, text) in [
            ([1, 0, 0], "0.003333"), ([2, 0, 0], "0.006667"), ([-1, 0, 0], "-0.003333"), ([-2, 0, 0], "-0.006667"), ([0], "0.000000"),
            ([5], "0.050000"), ([-5], "-0.050000"), ([999_999_999_999], "9999999999.990000"), ([1, -1], "0.000000"),
            // 1/32 cents and 3/32: 0.0003125 and 0.0009375.
            ([1] + Array(repeating: 0, count: 31), "0.000313"), ([-1] + Array(repeating: 0, count: 31), "-0.000313"),
            ([3] + Array(repeating: 0, count: 31), "0.000938"),
        ] as [([Int64], String)] {
            let store = try await Self.store(3, cents.map(Value.integer))
            #expect(try await store.aggregate("Number", ["measures": "avg(Money)"]) == "{\"avg(Money)\":\"\(text)\"}", "\(cents)")
        }
        // 2/3 and 0.5 without room for further digits.
        let full = try await Self.store(4, [.integer(1), .integer(0), .null])
        #expect(try await full.aggregate("Number", ["measures": "avg(Full)"]) == #"{"avg(Full)":"1"}"#)
        #expect(try await full.aggregate("Number", ["measures": "avg(Full)", "having[avg(Full)]": "1"]) == #"{"avg(Full)":"1"}"#)
    }

    @Test func `every type has its JSON form in groups and measures`() async throws {
        let uuid = "00000000-0000-4000-8000-00000000000a"
        let row: [Value] = [
            .integer(-7), .integer(9_007_199_254_740_993), .double(0.5), .integer(-1), .integer(3), .integer(1), .integer(-1), .text(uuid),
            .bytes([0xFF, 0]),
        ]
        let store = try await Self.store([row])
        let forms = [
            ("Whole", "-7"), ("Big", #""9007199254740993""#), ("Real", "0.5"), ("Money", #""-0.01""#), ("Full", #""3""#), ("Flag", "true"),
            ("At", #""1969-12-31T23:59:59.999999Z""#), ("Mark", "\"\(uuid)\""), ("Raw", #""/wA=""#),
        ]
        for (name, json) in forms {
            #expect(
                try await store.aggregate("Number", ["groupBy": name, "measures": "min(\(name)),max(\(name))"])
                    == "{\"\(name)\":\(json),\"min(\(name))\":\(json),\"max(\(name))\":\(json)}")
            #expect(try await store.aggregate("Number", ["measures": "countDistinct(\(name))"]) == "{\"countDistinct(\(name))\":1}")
        }
        #expect(
            try await store.aggregate(
                "Number", ["groupBy": "year(At),quarter(At),month(At),week(At),day(At),hour(At)", "measures": "count"])
                == #"{"year(At)":1969,"quarter(At)":"1969-Q4","month(At)":"1969-12","week(At)":"1970-W01","day(At)":"1969-12-31","hour(At)":"1969-12-31T23","count":1}"#
        )
        #expect(
            try await store.aggregate("Number", ["measures": "avg(Whole),avg(Big),sum(Real)"])
                == #"{"avg(Whole)":-7,"avg(Big)":9007199254740992,"sum(Real)":0.5}"#)
    }

    @Test func `conditions on every form of row`() async throws {
        let store = try await Self.store([
            [.integer(1), .integer(10), .double(1), .integer(100), .null, .integer(0), .integer(0)],
            [.integer(2), .integer(20), .double(2), .integer(205), .null, .integer(1), .integer(31_536_000_000_000)],
        ])
        for (having, flag) in [
            (#"{"sum(Big)":{"gt":"10"}}"#, "true"), (#"{"sum(Money)":"1.00"}"#, "false"), (#"{"avg(Money)":{"gte":"2.05"}}"#, "true"),
            (#"{"avg(Money)":"2.050000"}"#, "true"), (#"{"max(Real)":{"lt":1.5}}"#, "false"),
            (#"{"min(At)":"1971-01-01T00:00:00Z"}"#, "true"),
            (#"{"year(At)":1970}"#, "false"), (#"{"day(At)":{"gt":"1970-06-30"}}"#, "true"), (#"{"Flag":true}"#, "true"),
            (#"{"month(At)":{"startsWith":"1970"}}"#, "false"), (#"{"avg(Whole)":{"in":[1.5,2]}}"#, "true"),
        ] {
            let rows = try await store.aggregate(
                "Number",
                [
                    "groupBy": "Flag,year(At),day(At),month(At)", "having": having,
                    "measures": "sum(Big),sum(Money),avg(Money),max(Real),min(At),avg(Whole)",
                ])
            #expect(rows.hasPrefix("{\"Flag\":\(flag),"), "\(having): \(rows)")
            #expect(rows.matches(of: #/"Flag"/#).count == 1, "\(having): \(rows)")
        }
    }
}
