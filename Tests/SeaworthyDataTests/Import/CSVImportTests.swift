import SeaworthyData
import SeaworthySchema
import Testing

@Suite struct CSVImportTests {
    static let entities = """
        Item:
          key: ItemID
          fields:
            ItemID: { type: integer }
            Name: { type: string, max: 20 }
            Price: { type: decimal, precision: 8, scale: 2 }
            Made: { type: timestamp }
            Done: { type: boolean }
            Status: { type: enum, values: [open, closed], default: open }
            Tags: { type: array, items: string }
            Data: { type: json }
            Locked: { type: integer, readOnly: true, default: 3 }
          checks: { named: { Name: { not: bad } } }
        Word:
          key: WordID
          fields:
            WordID: { type: integer, generated: true }
            Text: { type: string }
        """

    @Test func `reads every type, from files of other programs as well`() async throws {
        let store = try await TestStore(Self.entities)
        let text = #"""
            ItemID,Name,Price,Made,Done,Status,Tags,Data,Locked
            1,"a,b ""c""",12.5,2024-07-04 00:00:00.000,1,closed,"[""x""]","{""b"": 1,""a"":null}",9
            -2,México D.F.,-0.05,2024-07-04T02:00:00+02:00,false,,[],7,
            """#
        #expect(try await store.importing("Item", TextSource(text)) == "2 imported, 0 bad")
        #expect(
            try await store.rows("SELECT * FROM items ORDER BY ItemID DESC") == [
                [
                    .integer(1), .text("a,b \"c\""), .integer(1250), .integer(1_720_051_200_000_000), .integer(1), .text("closed"),
                    .text("[\"x\"]"), .text("{\"b\":1,\"a\":null}"), .integer(9),
                ],
                [
                    .integer(-2), .text("México D.F."), .integer(-5), .integer(1_720_051_200_000_000), .integer(0), .null, .text("[]"),
                    .text("7"),
                    .null,
                ],
            ])
    }

    @Test func `a column that is not there gets its default, an empty cell is null`() async throws {
        let store = try await TestStore(Self.entities)
        #expect(try await store.importing("Item", TextSource("Name,ItemID\n,1\n\"\",2\n")) == "2 imported, 0 bad")
        #expect(
            try await store.rows("SELECT Name, Status, Locked FROM items ORDER BY ItemID") == [
                [.null, .text("open"), .integer(3)], [.text(""), .text("open"), .integer(3)],
            ])
    }

    /// A file, and the names that it makes of the ids 1, 2, 3 ….
    static let forms: [(file: String, names: [String?])] = [
        ("ItemID,Name\n1,a\n2,b\n", ["a", "b"]),
        ("ItemID,Name\n1,a\n2,b", ["a", "b"]),
        ("ItemID,Name\r\n1,a\r\n2,b\r\n", ["a", "b"]),
        ("ItemID,Name\r1,a\r2,b\r", ["a", "b"]),
        ("ItemID,Name\r1,a\r2,b", ["a", "b"]),
        ("\u{FEFF}ItemID,Name\n1,a\n", ["a"]),
        ("\u{FEFF}\"ItemID\",\"Name\"\n1,a\n", ["a"]),
        ("\n\r\nItemID,Name\n\n1,a\n\n\r\n2,b\n\n", ["a", "b"]),
        ("ItemID,Name\n1,\n2,\"\"\n3,\" \"\n", [nil, "", " "]),
        ("ItemID,Name\n1,\"a\nb\"\n2,\"a\r\nb\"\n3,\"a\rb\"", ["a\nb", "a\r\nb", "a\rb"]),
        ("ItemID,Name\n1,\"\"\"\"\n2,\"\"\"x\"\"\"\n3,a\"b\"", ["\"", "\"x\"", "a\"b\""]),
        ("ItemID,Name\n\"1\",\"a\"\r\n\"2\",\"b\"", ["a", "b"]),
        ("ItemID,Name\n1,\",\"\n2,é𝄞\n", [",", "é𝄞"]),
        ("ItemID,Name\n1, a \n", [" a "]),
        ("ItemID,Name\n", []),
        ("ItemID,Name", []),
    ]

    @Test(arguments: Self.forms)
    func `reads the forms of RFC 4180 and its relatives, whatever the chunks`(file: String, names: [String?]) async throws {
        for chunk in 1...(file.utf8.count + 1) {
            let store = try await TestStore(Self.entities)
            #expect(
                try await store.importing("Item", TextSource(file, chunk: chunk)) == "\(names.count) imported, 0 bad", "chunks of \(chunk)")
            let rows = try await store.rows("SELECT ItemID, Name FROM items ORDER BY ItemID")
            #expect(rows == names.enumerated().map { [.integer(Int64($0 + 1)), $1.map(Value.text) ?? .null] }, "chunks of \(chunk)")
        }
    }

    @Test(arguments: [
        ("", "import.invalid_file: line 1: the file has no header row; "),
        ("\n\n", "import.invalid_file: line 1: the file has no header row; "),
        ("ItemID,Nmae\n", "import.invalid_file: line 1: the column «Nmae» is not a field of Item; did you mean «Name»?; "),
        ("\n\nItemID,zzzzzz\n", "import.invalid_file: line 3: the column «zzzzzz» is not a field of Item; "),
        ("ItemID,\n", "import.invalid_file: line 1: the column «» is not a field of Item; "),
        ("ItemID,Name,ItemID\n", "import.invalid_file: line 1: the column «ItemID» stands twice; "),
        ("ItemID,Name\n1,\"a", "import.invalid_file: line 2: a quotation mark is not closed; "),
        ("ItemID,Name\n1,a\n2,\"b\nc\n", "import.invalid_file: line 3: a quotation mark is not closed; "),
        ("ItemID,Name\n1,\"a\"b\n", "import.invalid_file: line 2: something follows a closing quotation mark; "),
        ("ItemID,Name\n1,\"a\n\"b\n", "import.invalid_file: line 3: something follows a closing quotation mark; "),
    ])
    func `a file that cannot be read as rows is refused whole, whatever the chunks`(file: String, error: String) async throws {
        for chunk in [1, 2, 3, 5, 1000] {
            let store = try await TestStore(Self.entities)
            #expect(try await store.importing("Item", TextSource(file, chunk: chunk)) == error + "0 imported, 0 bad")
            #expect(try await store.count("items") == 0)
        }
    }

    @Test func `a header that is no UTF-8 is refused, a cell makes its row bad`() async throws {
        let store = try await TestStore(Self.entities)
        #expect(
            try await store.importing("Item", TextSource(Array("ItemID,N".utf8) + [0xFF, 0x0A]))
                == "import.invalid_file: line 1: the header is not valid UTF-8; 0 imported, 0 bad")
        let file = Array("ItemID,Name\n1,a\n2,".utf8) + [0xFF, 0x0A] + Array("3,\"x\"\"".utf8) + [0xC3] + Array("\"\n".utf8)
        #expect(
            try await store.importing("Item", TextSource(file), skips: true)
                == "1 imported, 2 bad\n3: /Name invalid_format: is not valid UTF-8\n4: /Name invalid_format: is not valid UTF-8")
    }

    private static let badFile = #"""
        ItemID,Name,Price
        1,ok,1
        2,ok
        3,ok,x
        "4","two
        lines",1,1
        5,waytoolongwaytoolongwaytoolong,1.001
        ,ok,1
        7,bad,1
        8,"a\#0",
        1,again,1
        x,ok,1
        9,ok,1
        """#

    private static let problems = """
        3:  wrong_type: has 2 cells; the header has 3
        4: /Price invalid_format: is not a decimal number; expected a string with a decimal number of at most 8 digits, 2 of them after the point
        5:  wrong_type: has 4 cells; the header has 3
        7: /Name too_long: has 30 characters; at most 20 are allowed
        7: /Price out_of_range: has 3 digits after the point; at most 2 are kept
        8: /ItemID required: may not be null
        9:  check_failed: the check «named» fails
        10: /Name nul_character: contains the character U+0000, which cannot be stored
        11: /ItemID unique_conflict: is taken already
        12: /ItemID invalid_format: is not a whole number
        """

    @Test func `bad rows are told by their lines, and nothing is kept`() async throws {
        for chunk in [1, 7, 1000] {
            let store = try await TestStore(Self.entities)
            #expect(
                try await store.importing("Item", TextSource(Self.badFile, chunk: chunk))
                    == "import.bad_rows: 9 row(s) are bad; nothing of this transaction was kept; 0 imported, 9 bad\n" + Self.problems)
            #expect(try await store.count("items") == 0)
        }
    }

    @Test func `bad rows are passed over when that is asked for`() async throws {
        let store = try await TestStore(Self.entities)
        #expect(try await store.importing("Item", TextSource(Self.badFile), skips: true) == "2 imported, 9 bad\n" + Self.problems)
        #expect(
            try await store.rows("SELECT ItemID, Name FROM items ORDER BY 1") == [[.integer(1), .text("ok")], [.integer(9), .text("ok")]])
    }

    @Test func `in a table with one column an empty line is a row`() async throws {
        let store = try await TestStore(Self.entities)
        #expect(try await store.importing("Word", TextSource("Text\na\n\n\"\"\nb\n")) == "4 imported, 0 bad")
        #expect(
            try await store.rows("SELECT * FROM words ORDER BY WordID") == [
                [.integer(1), .text("a")], [.integer(2), .null], [.integer(3), .text("")], [.integer(4), .text("b")],
            ])
    }

    @Test func `a generated key may be given, and the sequence goes on behind the largest`() async throws {
        let store = try await TestStore(Self.entities)
        #expect(try await store.importing("Word", TextSource("WordID,Text\n50,a\n7,b\n,c\n")) == "3 imported, 0 bad")
        #expect(
            try await store.rows("SELECT WordID, Text FROM words ORDER BY Text") == [
                [.integer(50), .text("a")], [.integer(7), .text("b")], [.integer(51), .text("c")],
            ])
        // Half of the keys remain for the server.
        let most: Int64 = 1 << 52
        #expect(
            try await store.importing("Word", TextSource("WordID,Text\n\(most + 1),x\n9007199254740991,y\n"), skips: true) == """
                0 imported, 2 bad
                2: /WordID out_of_range: leaves too few keys behind it that the server could make
                3: /WordID out_of_range: leaves too few keys behind it that the server could make
                """)
        #expect(try await store.importing("Word", TextSource("Text\nd\n")) == "1 imported, 0 bad")
        #expect(try await store.rows("SELECT WordID FROM words WHERE Text = 'd'") == [[.integer(52)]])
        #expect(try await store.importing("Word", TextSource("WordID,Text\n\(most),e\n,f\n")) == "2 imported, 0 bad")
        #expect(try await store.rows("SELECT WordID FROM words WHERE Text = 'f'") == [[.integer(most + 1)]])
    }

    @Test func `a row larger than the bound is refused, a long one is not`() async throws {
        let store = try await TestStore(Self.entities)
        func file(_ size: Int) -> TextSource {
            TextSource(Array("Text\n".utf8) + [UInt8](repeating: 0x61, count: size) + [0x0A], chunk: 1024 * 1024)
        }
        #expect(
            try await store.importing("Word", file(17 * 1024 * 1024))
                == "import.invalid_file: a row is larger than 16777216 bytes; 0 imported, 0 bad")
        #expect(try await store.importing("Word", file(15 * 1024 * 1024)) == "1 imported, 0 bad")
        #expect(try await store.rows("SELECT length(Text) FROM words") == [[.integer(15 * 1024 * 1024)]])
    }
}
