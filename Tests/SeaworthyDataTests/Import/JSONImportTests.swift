import SeaworthyData
import SeaworthySchema
import Testing

@Suite struct JSONImportTests {
    static let entities = """
        Item:
          key: ItemID
          fields:
            ItemID: { type: integer }
            Name: { type: string }
            Data: { type: json }
            Tags: { type: array, items: string }
        """

    static let forms: [(format: ImportFormat, file: String, count: Int)] = [
        (.json, "[]", 0), (.json, " [ ] \n", 0), (.json, #"[{"ItemID":1,"Name":"n1"}]"#, 1),
        (.json, "\u{FEFF}[{\"ItemID\":1,\"Name\":\"n1\"},\n {\"Name\":\"n2\",\"ItemID\":2}\n]\n", 2),
        (.json, #" [{"ItemID":1,"Name":"n1","Data":{"a":[1,{"b":"]},{\"\\"}]},"Tags":["x"]} , {"ItemID":2,"Name":"n2"}]"#, 2),
        (.ndjson, "", 0), (.ndjson, "\n\n", 0), (.ndjson, #"{"ItemID":1,"Name":"n1"}"#, 1),
        (.ndjson, "{\"ItemID\":1,\"Name\":\"n1\"}\r\n\n  {\"ItemID\":2,\"Name\":\"n2\",\"Data\":[{}]}  \n", 2),
        (.ndjson, "\u{FEFF}{\"ItemID\":1,\"Name\":\"n1\"}\n", 1),
    ]

    @Test(arguments: Self.forms)
    func `reads arrays and lines of objects, whatever the chunks`(format: ImportFormat, file: String, count: Int) async throws {
        for chunk in 1...(file.utf8.count + 1) {
            let store = try await TestStore(Self.entities)
            #expect(
                try await store.importing("Item", TextSource(file, chunk: chunk), format) == "\(count) imported, 0 bad",
                "chunks of \(chunk)")
            let rows = try await store.rows("SELECT ItemID, Name FROM items ORDER BY 1")
            #expect(rows == (0..<count).map { [.integer(Int64($0 + 1)), .text("n\($0 + 1)")] }, "chunks of \(chunk)")
        }
    }

    @Test func `nested values are kept as they came`() async throws {
        let store = try await TestStore(Self.entities)
        let file = #"[{"ItemID":1,"Data":{"b":[1.50,{"x":null}],"a":"]"},"Tags":["x","y"]}]"#
        #expect(try await store.importing("Item", TextSource(file), .json) == "1 imported, 0 bad")
        #expect(
            try await store.rows("SELECT Data, Tags FROM items") == [[.text(#"{"b":[1.50,{"x":null}],"a":"]"}"#), .text(#"["x","y"]"#)]])
    }

    @Test(arguments: [
        ("", "line 1: the file is empty"), ("\n \n", "line 3: the file is empty"), ("{}", "line 1: the file is not an array of objects"),
        ("\nx[]", "line 2: the file is not an array of objects"), ("[", "line 1: the array is not closed"),
        (#"[{"ItemID":1}"#, "line 1: the array is not closed"), ("[{\"ItemID\":1},\n", "line 2: the array is not closed"),
        ("[{\"ItemID\":1},\n]", "line 2: an element is missing behind a comma"),
        (#"[{"ItemID":1} {"ItemID":2}]"#, "line 1: a comma is missing between two elements"),
        ("[]\n[]", "line 2: something follows the array"), ("[\n{\"ItemID\":1", "line 2: the file ends within an element"),
        ("[\n{\"Name\":\"x]", "line 2: the file ends within an element"),
    ])
    func `a text that is no array of objects is refused whole, whatever the chunks`(file: String, error: String) async throws {
        for chunk in [1, 2, 3, 1000] {
            let store = try await TestStore(Self.entities)
            #expect(
                try await store.importing("Item", TextSource(file, chunk: chunk), .json)
                    == "import.invalid_file: \(error); 0 imported, 0 bad")
            #expect(try await store.count("items") == 0)
        }
    }

    @Test func `bad elements are told by the line of their beginning`() async throws {
        let file = """
            [
              {"ItemID": 1},
              7,
              {
                "ItemID": "x",
                "Nmae": 1
              }, {"ItemID": 2, "ItemID": 3},
              {"ItemID": 01}, null,
              {"ItemID": 1}
            ]
            """
        for chunk in [1, 5, 1000] {
            let store = try await TestStore(Self.entities)
            let outcome = try await store.importing("Item", TextSource(file, chunk: chunk), .json, skips: true)
            #expect(
                outcome == """
                    1 imported, 6 bad
                    3:  wrong_type: is not an object
                    4: /ItemID wrong_type: is a string; expected a whole number between −(2^53−1) and 2^53−1
                    4: /Nmae unknown_field: is not a field of Item; did you mean «Name»?
                    7:  invalid_format: is not JSON: the member "ItemID" stands twice in one object, at byte 14
                    8:  invalid_format: is not JSON: unexpected character at byte 12
                    8:  wrong_type: is not an object
                    9: /ItemID unique_conflict: is taken already
                    """)
        }
    }

    @Test func `bad lines are told by their number`() async throws {
        let store = try await TestStore(Self.entities)
        let file = "{\"ItemID\":1}\n\nx\n[]\n{\"Name\":\"a\"}\n{\"ItemID\":2,\"Tags\":[1]}\n{\"ItemID\":3}"
        #expect(
            try await store.importing("Item", TextSource(file), .ndjson, skips: true) == """
                2 imported, 4 bad
                3:  invalid_format: is not JSON: unexpected character at byte 0
                4:  wrong_type: is not an object
                5: /ItemID required: is missing
                6: /Tags wrong_type: element 0: is a number; expected a string
                """)
    }

    @Test(arguments: [("a.csv", ImportFormat.csv), ("a.b.JSON", .json), ("x.ndjson", .ndjson), ("csv", nil), ("a.txt", nil), ("a.", nil)])
    func `the ending of a file names its format`(file: String, format: ImportFormat?) {
        #expect(ImportFormat(fileName: file) == format)
    }
}
