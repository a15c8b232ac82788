import SeaworthyData
import SeaworthySQL
import SeaworthySchema
import Testing

/// Transactions, references and bounds of an import.
@Suite struct ImportTransactionTests {
    static let entities = """
        Person:
          key: PersonID
          fields:
            PersonID: { type: integer }
            Boss: { references: Person, as: boss }
            Town: { references: Town, as: town }
            Email: { type: string, unique: true }
        Town:
          key: Name
          fields: { Name: { type: string } }
        Place:
          key: [Town, Number]
          fields:
            Town: { type: string }
            Number: { type: integer }
        Visit:
          fields:
            Town: { type: string }
            Number: { references: { entity: Place, fields: [Town, Number] }, as: place }
        Tour:
          key: Code
          fields:
            Code: { type: string }
            Town: { type: string }
            Number: { references: { entity: Place, fields: [Town, Number] }, as: place }
        """

    private static let refused = "row(s) are bad; nothing of this transaction was kept; "

    @Test func `a row may refer to one further down`() async throws {
        let store = try await TestStore(Self.entities)
        #expect(try await store.importing("Person", TextSource("PersonID,Boss\n1,3\n2,1\n3,3\n")) == "3 imported, 0 bad")
    }

    private static let broken = "PersonID,Boss,Town\n1,,\n2,9,\n3,1,\n4,2,\n5,4,Ulm\n"

    @Test func `broken references undo the import and are told by line, with those that follow from them`() async throws {
        let store = try await TestStore(Self.entities)
        #expect(
            try await store.importing("Person", TextSource(Self.broken)) == """
                import.bad_rows: 3 \(Self.refused)0 imported, 3 bad
                3: /Boss reference_not_found: there is no Person with this key
                5: /Boss reference_not_found: there is no Person with this key
                6: /Town reference_not_found: there is no Town with this key
                """)
        #expect(try await store.count("persons") == 0)
    }

    @Test func `broken references are passed over with skip, with those that follow from them`() async throws {
        let store = try await TestStore(Self.entities)
        #expect(try await store.importing("Person", TextSource(Self.broken), skips: true).hasPrefix("2 imported, 3 bad\n3: /Boss"))
        #expect(try await store.rows("SELECT PersonID FROM persons ORDER BY 1") == [[.integer(1)], [.integer(3)]])
    }

    @Test func `several broken references of one row are all told`() async throws {
        let store = try await TestStore(Self.entities)
        #expect(
            try await store.importing("Person", TextSource("PersonID,Boss,Town\n1,9,Ulm\n"), skips: true) == """
                0 imported, 1 bad
                2: /Boss reference_not_found: there is no Person with this key
                2: /Town reference_not_found: there is no Town with this key
                """)
    }

    @Test(arguments: [true, false])
    func `a broken composite reference names its fields`(skips: Bool) async throws {
        let store = try await TestStore(Self.entities)
        #expect(try await store.importing("Place", TextSource("Town,Number\nUlm,1\n")) == "1 imported, 0 bad")
        let file = "Code,Town,Number\na,Ulm,1\nb,Ulm,2\nc,Ulm,\nd,Bonn,1\n"
        let problems = [3, 5].flatMap { line in
            ["Town", "Number"].map { "\(line): /\($0) reference_not_found: there is no Place with this key" }
        }
        let lead = skips ? "2 imported, 2 bad" : "import.bad_rows: 2 \(Self.refused)0 imported, 2 bad"
        #expect(try await store.importing("Tour", TextSource(file), skips: skips) == ([lead] + problems).joined(separator: "\n"))
        #expect(try await store.count("tours") == (skips ? 2 : 0))
    }

    @Test func `a row whose key the server makes is told by its line as well`() async throws {
        let store = try await TestStore(Self.entities)
        #expect(
            try await store.importing("Visit", TextSource("Town,Number\nUlm,1\n,\n"), skips: true)
                == "1 imported, 1 bad\n2: /Town reference_not_found: there is no Place with this key\n2: /Number reference_not_found: there is no Place with this key"
        )
    }

    @Test func `each batch tells its own lines of rows that point at the same nothing`() async throws {
        let store = try await TestStore(Self.entities)
        let file = "Code,Town,Number\na,,\nb,Ulm,2\nc,,\nd,Ulm,2\n"
        let report = try await store.importing("Tour", TextSource(file), skips: true, batch: 2)
        #expect(report.split(separator: "\n").filter { $0.contains("/Town") }.map { $0.prefix(2) } == ["3:", "5:"])
        #expect(report.hasPrefix("2 imported, 2 bad"))
    }

    @Test func `a unique conflict within the file or with the table is told by line`() async throws {
        let store = try await TestStore(Self.entities)
        try await store.run("INSERT INTO persons (PersonID, Email) VALUES (1, 'a')")
        let file = "PersonID,Email\n2,a\n3,b\n4,b\n1,c\n5,\n6,\n"
        let problems = """
            2: /Email unique_conflict: is taken already
            4: /Email unique_conflict: is taken already
            5: /PersonID unique_conflict: is taken already
            """
        #expect(try await store.importing("Person", TextSource(file)) == "import.bad_rows: 3 \(Self.refused)0 imported, 3 bad\n" + problems)
        #expect(try await store.count("persons") == 1)
        #expect(try await store.importing("Person", TextSource(file), skips: true) == "3 imported, 3 bad\n" + problems)
        #expect(try await store.count("persons") == 4)
    }

    private func people(_ ids: some Sequence<Int>) -> String {
        "PersonID\n" + ids.map { "\($0)\n" }.joined()
    }

    @Test(arguments: [(1, 3), (2, 2), (3, 3), (4, 0), (100, 0), (0, 3), (-5, 3)])
    func `what earlier batches committed stays when a later one is refused`(size: Int, kept: Int) async throws {
        let store = try await TestStore(Self.entities)
        let file = "PersonID\n1\n2\n3\nx\n5\n"
        #expect(
            try await store.importing("Person", TextSource(file), batch: size)
                == "import.bad_rows: 1 \(Self.refused)\(kept) imported, 1 bad\n5: /PersonID invalid_format: is not a whole number")
        #expect(try await store.count("persons") == kept)
    }

    @Test(arguments: [999, 1000, 1001, 1500, 2500])
    func `a batch has exactly as many rows as was asked for`(size: Int) async throws {
        let store = try await TestStore(Self.entities)
        // The last row is bad, so that its batch is undone.
        let outcome = try await store.importing("Person", TextSource(people(1...5_000) + "x\n", chunk: 777), batch: size)
        let kept = 5_000 / size * size
        #expect(outcome.hasPrefix("import.bad_rows: 1 \(Self.refused)\(kept) imported, 1 bad"))
        #expect(try await store.count("persons") == kept)
    }

    @Test func `a file that breaks off tells what earlier batches committed`() async throws {
        let store = try await TestStore(Self.entities)
        let outcome = try await store.importing("Person", TextSource("PersonID\n1\n2\n3\n\"4"), batch: 2)
        #expect(outcome == "import.invalid_file: line 5: a quotation mark is not closed; 2 imported, 0 bad")
        #expect(try await store.count("persons") == 2)
        let array = try await store.importing("Person", TextSource(#"[{"PersonID":7},{"PersonID":8}"#), .json, batch: 2)
        #expect(array == "import.invalid_file: line 1: the array is not closed; 2 imported, 0 bad")
    }

    @Test func `a reference to a later batch is broken, one to an earlier is not`() async throws {
        let store = try await TestStore(Self.entities)
        #expect(
            try await store.importing("Person", TextSource("PersonID,Boss\n1,\n2,3\n3,1\n4,3\n"), skips: true, batch: 2)
                == "3 imported, 1 bad\n3: /Boss reference_not_found: there is no Person with this key")
    }

    @Test func `an import gives up behind the hundredth bad row, and tells a hundred`() async throws {
        let store = try await TestStore(Self.entities)
        let bad = (1...99).map { _ in "x\n" }.joined()
        let few = try await store.importing("Person", TextSource("PersonID\n" + bad + "1\n"), skips: true)
        #expect(few.hasPrefix("1 imported, 99 bad\n2: /PersonID"))
        let file = "PersonID\n" + String(repeating: "x\n", count: 30_000) + "7\n\"unclosed"
        let outcome = try await store.importing("Person", TextSource(file, chunk: 500))
        #expect(outcome.hasPrefix("import.bad_rows: "), "the broken end of the file is never reached")
        #expect(outcome.split(separator: "\n").count == 101)
        #expect(outcome.hasSuffix("\n101: /PersonID invalid_format: is not a whole number"))
        let whole = "PersonID\n" + String(repeating: "x\n", count: 3_000) + "7\n"
        let skipped = try await store.importing("Person", TextSource(whole, chunk: 500), skips: true)
        #expect(skipped.hasPrefix("1 imported, 3000 bad\n"))
        #expect(skipped.split(separator: "\n").count == 101)
    }

    @Test func `brings in twenty thousand rows and tells the progress`() async throws {
        let store = try await TestStore(Self.entities)
        let file = people(1...20_000)
        let task = RecordImport(
            into: try store.collection("Person"), from: TextSource(file), options: .init(format: .csv), now: 0
        ) { bytes, rows in
            #expect(bytes > 0 && bytes <= file.utf8.count)
            #expect(rows > 0 && rows % 1000 == 0 && rows <= 20_000)
        }
        let report = try await task.run()
        #expect(report.imported == 20_000)
        #expect(report.badCount == 0)
        #expect(
            try await store.rows("SELECT count(*), min(PersonID), max(PersonID) FROM persons") == [
                [.integer(20_000), .integer(1), .integer(20_000)]
            ])
    }

    @Test(arguments: [1, 7, 100_000], [nil, 1000])
    func `a transaction that lost starts again where it began in the file`(chunk: Int, batch: Int?) async throws {
        let store = try await TestStore(Self.entities)
        let task = RecordImport(
            into: try #require(store.twice.collection(named: "Person")), from: TextSource(people(1...3000), chunk: chunk),
            options: .init(format: .csv, batchSize: batch), now: 0)
        #expect(try await task.run().imported == 3000)
        #expect(
            try await store.rows("SELECT count(*), min(PersonID), max(PersonID) FROM persons") == [
                [.integer(3000), .integer(1), .integer(3000)]
            ])
    }

    @Test func `nothing is imported into a view`() async throws {
        let store = try await TestStore(Self.entities)
        try await store.run("CREATE VIEW totals AS SELECT 1 AS ID")
        let schema = try TestStore.schema("Total: { readOnly: true, key: ID, fields: { ID: { type: integer } } }")
        let records = RecordStore(schema: schema, database: store.database, dialect: store.dialect, secretKeys: [])
        let task = RecordImport(
            into: try #require(records.collection(named: "Total")), from: TextSource("ID\n1\n"), options: .init(format: .csv), now: 0)
        do {
            _ = try await task.run()
            Issue.record("imported into a view")
        } catch let error as ImportError {
            #expect(error.code == .readOnlyEntity)
            #expect("\(error)" == "Total is a view: nothing can be imported into it")
        }
    }
}
