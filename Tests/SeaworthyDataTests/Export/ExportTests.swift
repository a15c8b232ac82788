import NIOCore
import SeaworthyData
import SeaworthySchema
import SeaworthyStorage
import Testing

extension TestStore {
    func export(
        _ entity: String, _ format: ExportFormat, _ query: KeyValuePairs<String, String> = [:], as caller: Caller = .anonymous
    ) throws -> RecordExport {
        try collection(entity).export(query: query.map { ($0.key, $0.value) }, as: format, for: caller)
    }

    /// The whole list as text, or the page of it where the query has a limit.
    func exported(
        _ entity: String, _ format: ExportFormat, _ query: KeyValuePairs<String, String> = [:], as caller: Caller = .anonymous
    ) async throws -> String {
        let export = try export(entity, format, query, as: caller)
        guard export.isWhole else { return try await export.page().body.text }
        var text = ""
        var pieces = export.pieces
        while let piece = try await pieces.next() { text += piece.text }
        return text
    }
}

extension ExportFormat {
    static let plainCSV = ExportFormat.csv(.init())
}

@Suite struct `A list written whole` {
    static let shop = """
        Customer:
          key: Code
          fields:
            Code: { type: string, max: 4 }
            Name: { type: string, search: 2 }
          access: { anyone: { read: true, create: true } }
        Order:
          key: ID
          fields:
            ID: { type: integer, generated: true }
            Customer: { references: Customer, as: customer, inverse: orders }
            Note: { type: text, search: 1 }
            Secret: { type: string }
            Open: { type: boolean, default: true }
          access:
            anyone: { read: true, create: true, hide: [Secret] }
            seer: { read: { Open: true } }
        """

    private static func shop() async throws -> TestStore {
        let store = try await TestStore(shop)
        try await store.create("Customer", #"{"Code":"A","Name":"a,b"}"#)
        try await store.create("Customer", #"{"Code":"B"}"#)
        try await store.fill(
            "INSERT INTO orders (Customer, Note, Secret, Open) VALUES (?1, ?2, ?3, ?4)",
            [
                [.text("A"), .text("x \"y\""), .text("s1"), .integer(1)], [.text("B"), .text(""), .text("s2"), .integer(0)],
                [.null, .null, .text("s3"), .integer(1)],
            ])
        return store
    }

    @Test func `is a record a line, or one array`() async throws {
        let store = try await Self.shop()
        #expect(
            try await store.exported("Order", .ndjson, ["sort": "-ID"]) == #"""
                {"ID":3,"Customer":null,"Note":null,"Open":true}
                {"ID":2,"Customer":"B","Note":"","Open":false}
                {"ID":1,"Customer":"A","Note":"x \"y\"","Open":true}

                """#)
        #expect(
            try await store.exported("Order", .json, ["select": "ID"]) == "[\n{\"ID\":1},\n{\"ID\":2},\n{\"ID\":3}\n]\n")
        #expect(try await store.exported("Order", .json, ["filter": #"{"ID":9}"#]) == "[\n]\n")
        #expect(try await store.exported("Order", .ndjson, ["filter": #"{"ID":9}"#]) == "")
    }

    @Test func `is CSV with a header, records to one as columns, null and the empty text apart`() async throws {
        let store = try await Self.shop()
        #expect(
            try await store.exported("Order", .plainCSV, ["include": "customer"])
                == "ID,Customer,Note,Open,customer.Code,customer.Name\r\n1,A,\"x \"\"y\"\"\",true,A,\"a,b\"\r\n2,B,\"\",false,B,\r\n3,,,true,,\r\n"
        )
        #expect(
            try await store.exported("Order", .plainCSV, ["select": "customer.Name", "limit": "2"])
                == "customer.Name\r\n\"a,b\"\r\n\r\n")
        #expect(try await store.exported("Order", .plainCSV, ["filter": #"{"ID":9}"#, "select": "ID,Note"]) == "ID,Note\r\n")
    }

    @Test func `has a field only in the records in which the caller sees it`() async throws {
        let store = try await Self.shop()
        let seer = Caller(roles: ["seer"])
        #expect(
            try await store.exported("Order", .plainCSV, ["select": "ID,Secret"], as: seer) == "ID,Secret\r\n1,s1\r\n2,\r\n3,s3\r\n")
        #expect(
            try await store.exported("Order", .ndjson, ["select": "ID,Secret"], as: seer)
                == "{\"ID\":1,\"Secret\":\"s1\"}\n{\"ID\":2}\n{\"ID\":3,\"Secret\":\"s3\"}\n")
        #expect(
            try await store.exported("Order", .plainCSV)
                == "ID,Customer,Note,Open\r\n1,A,\"x \"\"y\"\"\",true\r\n2,B,\"\",false\r\n3,,,true\r\n")
    }

    @Test func `takes lists along in lines, and refuses them in rows`() async throws {
        let store = try await Self.shop()
        #expect(
            try await store.exported("Customer", .ndjson, ["include": "orders"]) == #"""
                {"Code":"A","Name":"a,b","orders":[{"ID":1,"Customer":"A","Note":"x \"y\"","Open":true}]}
                {"Code":"B","Name":null,"orders":[{"ID":2,"Customer":"B","Note":"","Open":false}]}

                """#)
        #expect(
            await refusal { try store.export("Customer", .plainCSV, ["include": "orders"]) }
                == "include invalid_parameter: names a relation to many records, which has no place in a row of CSV")
    }

    @Test func `needs an order with places, and has no meta`() async throws {
        let store = try await Self.shop()
        let relevance = "search conflicting_parameters: is ordered by relevance, which has no whole list; add sort or limit"
        #expect(await refusal { try store.export("Order", .ndjson, ["search": "y"]) } == relevance)
        #expect(
            await refusal { try store.export("Order", .ndjson, ["page": "2"]) }
                == "page conflicting_parameters: counts pages of limit records; add limit")
        for count in ["exact", "estimated"] {
            #expect(
                await refusal { try store.export("Order", .ndjson, ["count": count]) }
                    == "count invalid_parameter: is answered in meta, which this format does not have")
        }
        #expect(try await store.exported("Order", .ndjson, ["search": "y", "limit": "5", "select": "ID"]) == "{\"ID\":1}\n")
        #expect(try await store.exported("Order", .ndjson, ["search": "y", "sort": "ID", "select": "ID"]) == "{\"ID\":1}\n")
        #expect(try await store.exported("Order", .ndjson, ["count": "none", "select": "ID", "limit": "1"]) == "{\"ID\":1}\n")
        #expect(await refusal { try store.export("Order", .ndjson, ["limit": "1000"]) }.hasPrefix("limit invalid_parameter"))
        #expect(await refusal { try store.export("Order", .ndjson, ["csv": "bom"]) }.hasPrefix("csv unknown_parameter"))
        #expect(await refusal { try store.export("Order", .ndjson, ["cursor": "AAAA"]) }.hasPrefix("cursor invalid_cursor"))
    }

    @Test func `is not for those who may not read`() async throws {
        let store = try await TestStore("Doc:\n  key: ID\n  fields: { ID: { type: integer } }\n  access: { staff: { read: true } }")
        #expect(await refusal { try store.export("Doc", .ndjson) }.hasPrefix("unauthenticated"))
        #expect(try await store.exported("Doc", .ndjson, as: Caller(roles: ["staff"])) == "")
        #expect(try await store.exported("Doc", .plainCSV, as: Caller(roles: ["admin"])) == "ID\r\n")
    }

    @Test func `comes in pages with a limit, whose cursors are those of JSON and begin a whole rest`() async throws {
        let store = try await Self.shop()
        let first = try await store.export("Order", .ndjson, ["limit": "1", "select": "ID"]).page()
        guard case .cursor(let cursor)? = first.next else { return #expect(Bool(false), "no cursor") }
        #expect(first.body.text == "{\"ID\":1}\n")
        #expect(try await store.list("Order", ["limit": "1", "select": "ID", "cursor": cursor]).hasPrefix(#"{"data":[{"ID":2}]"#))
        #expect(try await store.exported("Order", .ndjson, ["cursor": cursor, "select": "ID"]) == "{\"ID\":2}\n{\"ID\":3}\n")
        let last = try await store.export("Order", .plainCSV, ["limit": "2", "page": "2", "select": "ID"]).page()
        #expect(last.body.text == "ID\r\n3\r\n")
        #expect(last.next == nil)
        #expect(try await store.export("Order", .plainCSV, ["limit": "2", "page": "1", "select": "ID"]).page().next == .page(2))
        #expect(try await store.export("Order", .ndjson, ["limit": "3", "select": "ID"]).page().next == nil)
    }

    @Test func `meets every record once, whatever pieces it comes in`() async throws {
        let store = try await TestStore(
            "Row:\n  key: ID\n  fields: { ID: { type: integer, generated: true }, Group: { type: integer }, Text: { type: text } }\n  \(TestStore.open)"
        )
        let long = String(repeating: "x", count: 2000)
        try await store.fill(
            "INSERT INTO rows (\"Group\", Text) VALUES (?1, ?2)",
            (0..<3500).map { [$0 % 7 == 0 ? .null : .integer(Int64($0 % 7)), .text(long)] })
        let expected = try await store.rows("SELECT ID FROM rows ORDER BY \"Group\" DESC NULLS FIRST, ID").map { row in
            if case .integer(let id)? = row.first { id } else { Int64(-1) }
        }
        let export = try store.export("Row", .ndjson, ["sort": "-Group"])
        var (lines, sizes): ([Substring], [Int]) = ([], [])
        var pieces = export.pieces
        var changed = false
        while let piece = try await pieces.next() {
            // A piece is bounded by bytes, or large records would fill the memory.
            sizes.append(piece.readableBytes)
            lines += piece.text.split(separator: "\n")
            if !changed {
                // What is inserted before the place of the walk is not met, and disturbs nothing.
                changed = true
                try await store.run("INSERT INTO rows (ID, \"Group\", Text) VALUES (-5, NULL, '')")
            }
        }
        #expect(pieces.count == 3500)
        #expect(lines.map { Int64($0.dropFirst(#"{"ID":"#.count).prefix { $0 != "," }) } == expected)
        #expect(sizes.count > 10 && sizes.allSatisfy { $0 < 600_000 }, "\(sizes)")
        #expect(try await export.count() == 3501)
    }

    @Test func `reads lists in smaller pieces where many belong to each record`() async throws {
        let store = try await TestStore(
            """
            Group:
              key: ID
              fields: { ID: { type: integer, generated: true } }
              \(TestStore.open)
            Item:
              key: ID
              fields: { ID: { type: integer, generated: true }, Group: { references: Group, as: group, inverse: items } }
              \(TestStore.open)
            """)
        try await store.fill("INSERT INTO groups (ID) VALUES (?1)", (1...300).map { [.integer(Int64($0))] })
        try await store.fill(
            "INSERT INTO items (\"Group\") VALUES (?1)", (0..<(300 * 110)).map { [.integer(Int64($0 / 110 + 1))] })
        let lines = try await store.exported("Group", .ndjson, ["include": "items"]).split(separator: "\n")
        #expect(lines.count == 300)
        // As in JSON, a list has at most a hundred records.
        #expect(lines.allSatisfy { $0.split(separator: #""Group":"#).count == 101 })
    }

    /// 200 records with 200 kB of text each: 40 MB.
    private static func wide() async throws -> TestStore {
        let store = try await TestStore(
            """
            Node:
              key: ID
              fields:
                ID: { type: integer }
                Text: { type: text }
                Up: { references: Node, as: parent, inverse: children, index: true }
              \(TestStore.open)
            """)
        let text = Value.text(String(repeating: "x", count: 200_000))
        try await store.fill("INSERT INTO nodes VALUES (?1, ?2, NULL)", [[.integer(0), text]])
        try await store.fill("INSERT INTO nodes VALUES (?1, ?2, 0)", (1..<200).map { [.integer($0), text] })
        return store
    }

    @Test(arguments: [ExportFormat.ndjson, .plainCSV])
    func `of which one page has at most 32 MiB, as in JSON`(format: ExportFormat) async throws {
        let store = try await Self.wide()
        let refused = await refusal { try await store.exported("Node", format, ["limit": "200"]) }
        #expect(refused.hasPrefix("limit answer_too_large: would give more than 33554432 bytes"), "\(refused.prefix(200))")
        let page = try await store.exported("Node", format, ["limit": "160"])
        #expect(page.utf8.count > 32_000_000 && page.utf8.count < 33_554_432)
        // The whole comes in pieces, which are never that large.
        #expect(try await store.exported("Node", format).utf8.count > 40_000_000)
    }

    @Test func `reads fewer records at once where those that go along are too large together`() async throws {
        let store = try await Self.wide()
        // A list of one for each.
        try await store.run("UPDATE nodes SET Up = ID - 1 WHERE ID > 1")
        var pieces = try store.export("Node", .ndjson, ["include": "children", "select": "ID"]).pieces
        var (count, most) = (0, 0)
        while let piece = try await pieces.next() {
            count += piece.text.count { $0 == "\n" }
            most = max(most, piece.readableBytes)
        }
        #expect(count == 200)
        #expect(most > 1_000_000 && most <= 33_554_432)
    }

    @Test(arguments: [
        (ExportFormat.CSVOptions(), "ID,Text\r\n1,=1+1\r\n2,\"+a,b\"\r\n3,-\r\n4,@x\r\n5,\tx\r\n6,\"\rx\"\r\n7,x=\r\n"),
        (.init(hasMark: true), "\u{FEFF}ID,Text\r\n1,=1+1\r\n2,\"+a,b\"\r\n3,-\r\n4,@x\r\n5,\tx\r\n6,\"\rx\"\r\n7,x=\r\n"),
        (.init(guardsFormulas: true), "ID,Text\r\n1,'=1+1\r\n2,\"'+a,b\"\r\n3,'-\r\n4,'@x\r\n5,'\tx\r\n6,\"'\rx\"\r\n7,x=\r\n"),
    ])
    func `guards against formulas and bears a mark only when that is asked for`(options: ExportFormat.CSVOptions, text: String) async throws
    {
        let store = try await TestStore(
            "Row:\n  key: ID\n  fields: { ID: { type: integer, generated: true }, Text: { type: text } }\n  \(TestStore.open)")
        try await store.fill(
            "INSERT INTO rows (Text) VALUES (?1)", ["=1+1", "+a,b", "-", "@x", "\tx", "\rx", "x="].map { [.text($0)] })
        #expect(try await store.exported("Row", .csv(options)) == text)
    }
}
