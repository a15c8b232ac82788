import SeaworthyQuery
import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage
import Testing

@Suite struct RecordStatementsTests {
    static let shelf = Entity(
        name: "Shelf", table: "all \"shelves\"", path: "shelves", key: [0, 1],
        fields: [
            Field(name: "room", column: "the room", type: .string), Field(name: "number", column: "number", type: .integer),
            Field(name: "label", column: "label\"", type: .string),
        ])
    static let book = Entity(
        name: "Book", table: "books", path: "books", key: [0],
        fields: [
            Field(name: "id", column: "id", type: .integer, isGenerated: true),
            Field(name: "room", column: "room", type: .string, isRequired: true),
            Field(name: "number", column: "number", type: .integer), Field(name: "sequelTo", column: "sequel to", type: .integer),
            Field(name: "price", column: "order", type: .decimal(precision: 9, scale: 2)),
            Field(name: "sold", column: "sold", type: .boolean),
        ],
        references: [
            Reference(name: "shelf", inverse: nil, target: "Shelf", fields: [1, 2], onDelete: .setNull),
            Reference(name: "sequel", inverse: nil, target: "Book", fields: [3], onDelete: .cascade),
        ])
    static let statements = RecordStatements(book, dialect: SQLiteDialect())
    static let shelves = RecordStatements(shelf, dialect: SQLiteDialect())
    static let cheap = Filter.compare(field: 4, .lt, .value(.integer(1000)))
    static let sold = Filter.compare(field: 5, .equals, .value(.integer(1)))

    static func sample() async throws -> SampleDatabase {
        let sample = try await SampleDatabase([shelf, book])
        try await sample.insert([[.text("A"), .integer(1), .text("x")], [.text("A"), .integer(2), .null]], into: shelf)
        return sample
    }

    static func book(_ id: Int64, shelf: Value = .integer(1), sequelTo: Value = .null, price: Value = .null, sold: Value = .null) -> [Value]
    {
        [.integer(id), .text("A"), shelf, sequelTo, price, sold]
    }

    @Test func `an insert gives the whole record and what each rule says`() async throws {
        let sample = try await Self.sample()
        let rules = [Self.cheap, Self.sold, .not(Self.cheap)]
        let sql = Self.statements.insert(fields: [4, 1], rules: rules)
        let values: [Value] = [.integer(500), .text("A")] + RecordStatements.ruleParameters(rules)
        #expect(
            try await sample.write([Statement(sql, values)]) == [
                [.integer(1), .text("A"), .null, .null, .integer(500), .null, .integer(1), .null, .integer(0)]
            ])
        // The deleted key is not given again.
        let deletion = Statement(Self.statements.delete(), [.integer(1)])
        let rows = try await sample.write([deletion, Statement(sql, values)])
        #expect(rows.map { $0[0] } == [.integer(2)])
        await sample.close()
    }

    @Test func `a record without given fields gets the database's values`() async throws {
        let entity = Entity(
            name: "Log", table: "logs", path: "logs", key: [0],
            fields: [
                Field(name: "id", column: "id", type: .integer, isGenerated: true), Field(name: "note", column: "note", type: .string),
            ])
        let sample = try await SampleDatabase([entity])
        let statements = RecordStatements(entity, dialect: SQLiteDialect())
        #expect(try await sample.write([Statement(statements.insert(fields: [], rules: []))]) == [[.integer(1), .null]])
        #expect(statements.insertOnly(fields: []).text == #"INSERT INTO "logs" DEFAULT VALUES"#)
        await sample.close()
    }

    @Test func `reads go by the whole key and the rule`() async throws {
        let sample = try await Self.sample()
        try await sample.insert([Self.book(1, price: .integer(999)), Self.book(2, price: .integer(1000)), Self.book(3)], into: Self.book)
        for (id, found) in [(1, true), (2, false), (3, false), (4, false)] as [(Int64, Bool)] {
            let request = try ListRequest.of(Self.book, filter: .compare(field: 0, .equals, .value(.integer(id))), select: [0, 4])
            let rows = try await sample.rows(request.plan(Self.book, access: Self.cheap))
            #expect(rows == (found ? [[.integer(1), .integer(999)]] : []))
            let existing = try await sample.rows(Statement(Self.statements.existsLive(), [.integer(id)]))
            #expect(existing == (id < 4 ? [[.integer(1)]] : []))
        }
        let key: [Value] = [.text("A"), .integer(2)]
        #expect(try await sample.rows(Statement(Self.shelves.existsLive(), [.text("a"), .integer(2)])).isEmpty)
        let change = Self.shelves.readForChange(rules: [.isNull(field: 2, true), .compare(field: 1, .gt, .value(.integer(5)))])
        #expect(
            try await sample.rows(Statement(change, [.integer(5)] + key)) == [[.text("A"), .integer(2), .null, .integer(1), .integer(0)]])
        await sample.close()
    }

    @Test func `an update sets the fields of one record and gives it back`() async throws {
        let sample = try await Self.sample()
        try await sample.insert([Self.book(1), Self.book(2)], into: Self.book)
        let sql = Self.statements.update(fields: [4, 5], rules: [Self.sold, Self.cheap])
        let values: [Value] = [.integer(1500), .integer(1), .integer(2)] + RecordStatements.ruleParameters([Self.sold, Self.cheap])
        let changed = Self.book(2, price: .integer(1500), sold: .integer(1))
        #expect(try await sample.write([Statement(sql, values)]) == [changed + [.integer(1), .integer(0)]])
        #expect(try await sample.rows(Statement(#"SELECT * FROM "books" ORDER BY "id""#)) == [Self.book(1), changed])
        let missing: [Value] = [.integer(1), .integer(1), .integer(9)] + RecordStatements.ruleParameters([Self.sold, Self.cheap])
        #expect(try await sample.write([Statement(sql, missing)]).isEmpty)
        await sample.close()
    }

    @Test func `a delete takes one record, by its whole key`() async throws {
        let sample = try await Self.sample()
        _ = try await sample.write([Statement(Self.shelves.delete(), [.text("A"), .integer(1)])])
        #expect(try await sample.rows(Statement(#"SELECT "number" FROM "all ""shelves""""#)) == [[.integer(2)]])
        await sample.close()
    }

    @Test func `referrers are found, counted and cleared`() async throws {
        let sample = try await Self.sample()
        try await sample.insert(
            [Self.book(1), Self.book(2), Self.book(3, shelf: .integer(2)), Self.book(4, shelf: .null, sequelTo: .integer(1))],
            into: Self.book)
        let shelf = Self.book.references[0]
        let key: [Value] = [.text("A"), .integer(1)]
        #expect(
            try await sample.rows(Statement(Self.statements.referrers(by: shelf, isLive: false), key + [.integer(10)])) == [
                [.integer(1)], [.integer(2)],
            ])
        #expect(try await sample.rows(Statement(Self.statements.referrers(by: shelf, isLive: false), key + [.integer(1)])).count == 1)
        #expect(try await sample.rows(Statement(Self.statements.referrerCount(by: shelf, isLive: false), key)) == [[.integer(2)]])
        #expect(
            try await sample.rows(Statement(Self.statements.referrerCount(by: Self.book.references[1], isLive: false), [.integer(1)])) == [
                [.integer(1)]
            ])
        _ = try await sample.write([Statement(Self.statements.clearReferences(by: shelf, isLive: false), key)])
        // Of the reference only the number may be null.
        #expect(
            try await sample.rows(Statement(#"SELECT "room", "number" FROM "books" ORDER BY "id""#))
                == [[.text("A"), .null], [.text("A"), .null], [.text("A"), .integer(2)], [.text("A"), .null]])
        await sample.close()
    }

    @Test func `broken references are found, and nulls are not broken`() async throws {
        let sample = try await Self.sample()
        let rows = try await sample.database.transaction(.write) { transaction in
            try await transaction.deferReferences()
            let insert = Self.statements.insertOnly(fields: Array(Self.book.fields.indices))
            for record in [
                Self.book(1, shelf: .integer(9)), Self.book(2), Self.book(3, shelf: .null, sequelTo: .integer(99)),
                Self.book(4, sequelTo: .integer(1)),
            ] {
                try await transaction.execute(Statement(insert, record))
            }
            let shelf = Self.statements.broken(Self.book.references[0], target: Self.shelf)
            let sequel = Self.statements.broken(Self.book.references[1], target: Self.book)
            let found = [
                try await transaction.query(Statement(shelf, [.integer(5)]), into: ValueRows()),
                try await transaction.query(Statement(sequel, [.integer(5)]), into: ValueRows()),
            ]
            try await transaction.execute(Statement(#"DELETE FROM "books""#))
            return found
        }
        #expect(rows == [[[.integer(1), .text("A"), .integer(9)]], [[.integer(3), .integer(99)]]])
        await sample.close()
    }

    @Test(arguments: DatabaseKind.allCases)
    func `tables hold every form of value, and refuse others`(kind: DatabaseKind) async throws {
        var random = RandomRecords(seed: 31)
        let sample = try await SampleDatabase([RandomRecords.entity], on: kind)
        let records = (0..<30).map { random.record($0) }
        try await sample.insert(records, into: RandomRecords.entity)
        #expect(try await sample.rows(ListRequest.of(RandomRecords.entity).plan(RandomRecords.entity)) == records)
        for (field, value) in [(7, Value.integer(2)), (3, .text("x")), (2, .null), (11, .text("x"))] {
            var record = random.record(1000)
            record[field] = value
            await #expect(throws: StorageError.self) { try await sample.insert([record], into: RandomRecords.entity) }
        }
        await sample.close()
    }
}
