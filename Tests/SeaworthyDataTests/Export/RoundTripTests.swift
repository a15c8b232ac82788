import SeaworthyData
import SeaworthySchema
import SeaworthyStorage
import Testing

@Suite struct `What is exported and imported again` {
    static let entities = """
        Every:
          key: ID
          fields:
            ID: { type: integer, generated: true }
            String: { type: string }
            Text: { type: text }
            Email: { type: email }
            URL: { type: url }
            Big: { type: bigint }
            Double: { type: double }
            Decimal: { type: decimal, precision: 18, scale: 4 }
            Flag: { type: boolean }
            Day: { type: date }
            Time: { type: timestamp }
            UUID: { type: uuid }
            Kind: { type: enum, values: [a, "b,c", " "] }
            Data: { type: json }
            Words: { type: array, items: string }
            Numbers: { type: array, items: decimal, precision: 5, scale: 2 }
            Bytes: { type: bytes }
          timestamps: true
          softDelete: true
          access: { anyone: { read: true, create: true } }
        One:
          key: ID
          fields: { ID: { type: integer, generated: true }, Text: { type: text } }
          access: { anyone: { read: true, create: true } }
        """

    /// Every column but the key: each value of each type that a format could lose.
    static let values: [[Value]] = [
        (0..<16).map { _ in .null },
        [
            .text(""), .text(""), .text("a@b.c"), .text("http://x"), .integer(.max), .double(0.1), .integer(-1), .integer(0),
            .text("0001-01-01"), .integer(0), .text("00000000-0000-0000-0000-000000000000"), .text(" "), .text(#"{"b":1,"a":[null,"\n"]}"#),
            .text("[]"), .text("[]"), .bytes([]),
        ],
        [
            .text("\"quoted\", and\r\nmore\n"), .text("\u{FEFF}é\u{301}𝄞\t'=1"), .text("a+b@b.c"), .text("https://x/?a=1,2"),
            .integer(.min),
            .double(1.7976931348623157e308), .integer(999_999_999_999_999_999), .integer(1), .text("9999-12-31"),
            .integer(253_402_300_799_999_999), .text("ffffffff-ffff-ffff-ffff-ffffffffffff"), .text("b,c"), .text("\"text\""),
            .text(#"["","a,\"b\"","\r\n"]"#), .text(#"["1.50","-0.01"]"#), .bytes(Array(0...255)),
        ],
        [
            .text(" "), .text("null"), .null, .null, .integer(0), .double(-.leastNonzeroMagnitude), .integer(10), .null,
            .text("2024-02-29"),
            .integer(-62_135_596_800_000_000), .null, .text("a"), .text("-12.5e3"), .text(#"["null"]"#), .null, .bytes([0]),
        ],
    ]

    private static func filled() async throws -> TestStore {
        let store = try await TestStore(entities)
        let marks = (1...16).map { "?\($0)" }.joined(separator: ", ")
        let columns = store.records.schema.entities[0].fields[1...16].map { "\"\($0.column)\"" }.joined(separator: ", ")
        try await store.fill("INSERT INTO everies (\(columns)) VALUES (\(marks))", values)
        try await store.run(
            "UPDATE everies SET createdAt = ID * 1000001, updatedBy = 'me', deletedAt = CASE ID WHEN 2 THEN 7 END",
            onPostgres: """
                UPDATE everies SET createdAt = to_timestamp(0) + ID * interval '1000001 microseconds', updatedBy = 'me', \
                deletedAt = CASE ID WHEN 2 THEN to_timestamp(0.000007) END
                """)
        return store
    }

    @Test(arguments: [
        (ExportFormat.csv(.init()), ImportFormat.csv), (.csv(.init(hasMark: true)), .csv), (.json, .json), (.ndjson, .ndjson),
    ])
    func `is the same, whatever its type`(format: ExportFormat, readAs: ImportFormat) async throws {
        let store = try await Self.filled()
        let text = try await store.exported("Every", format, ["deleted": "include"], as: Caller(roles: ["admin"]))
        let other = try await TestStore(Self.entities)
        #expect(try await other.importing("Every", TextSource(text), readAs) == "4 imported, 0 bad")
        let (before, after) = (
            try await store.rows("SELECT * FROM everies ORDER BY ID"), try await other.rows("SELECT * FROM everies ORDER BY ID")
        )
        #expect(before == after)
        #expect(before.count == 4)
        #expect(try await other.exported("Every", format, ["deleted": "include"], as: Caller(roles: ["admin"])) == text)
    }

    @Test func `is the same where a row is one empty cell`() async throws {
        let store = try await TestStore(Self.entities)
        try await store.fill("INSERT INTO ones (Text) VALUES (?1)", [[.null], [.text("")], [.null], [.text("x")]])
        let text = try await store.exported("One", .plainCSV, ["select": "Text"])
        #expect(text == "Text\r\n\r\n\"\"\r\n\r\nx\r\n")
        let other = try await TestStore(Self.entities)
        #expect(try await other.importing("One", TextSource(text)) == "4 imported, 0 bad")
        #expect(try await other.rows("SELECT * FROM ones") == (try await store.rows("SELECT * FROM ones")))
    }
}
