import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Testing

@Suite struct PagingTests {
    static let entity = RandomRecords.entity
    static let sortable = entity.fields.indices.filter { entity.fields[$0].type.isOrdered }

    /// Null as the largest value, text by code point, the key last.
    static func precedes(_ left: [Value], _ right: [Value], _ sort: [SortKey]) -> Bool {
        for key in sort + [SortKey(0, isDescending: false)] {
            let (a, b) = (left[key.field], right[key.field])
            let isLess = a.isNull ? false : b.isNull ? true : a.isOrdered(before: b)
            let isMore = b.isNull ? false : a.isNull ? true : b.isOrdered(before: a)
            if isLess || isMore { return key.isDescending ? isMore : isLess }
        }
        return false
    }

    @Test(arguments: DatabaseKind.allCases)
    func `walks by cursor and by page both meet each row once, in the order of the sort`(kind: DatabaseKind) async throws {
        var random = RandomRecords(seed: 11)
        let records = (0..<50).map { random.record($0) }
        let sample = try await SampleDatabase([Self.entity], on: kind)
        try await sample.insert(records.shuffled(using: &random.random), into: Self.entity)
        for round in 0..<60 {
            let sort = random.sort(Self.sortable).map { SortKey($0.field, isDescending: $0.isDescending) }
            let expected = records.sorted { Self.precedes($0, $1, sort) }.map { $0[0] }
            let limit = round % 7 + 1
            let request = try ListRequest.of(Self.entity, sort: sort, select: [0], limit: limit)
            var start = ListPlan.Start.first
            var walked: [Value] = []
            while walked.count <= records.count {
                let plan = request.plan(Self.entity, start: start)
                let rows = try await sample.rows(plan)
                walked += rows.prefix(limit).map { $0[0] }
                guard rows.count > limit else { break }
                // As a cursor carries it.
                let position = plan.layout.furtherColumns.map { rows[limit - 1][$0] }
                start = .after(try #require(CursorPosition.decode(CursorPosition.encode(position), count: plan.sort.count)))
            }
            #expect(walked == expected, "\(sort)")
            var paged: [Value] = []
            for offset in stride(from: 0, to: records.count, by: limit) {
                paged += try await sample.rows(request.plan(Self.entity, start: .offset(offset))).prefix(limit).map { $0[0] }
            }
            #expect(paged == expected, "\(sort)")
        }
        await sample.close()
    }

    @Test(arguments: DatabaseKind.allCases)
    func `a page reads one row more than asked for`(kind: DatabaseKind) async throws {
        var random = RandomRecords(seed: 12)
        let sample = try await SampleDatabase([Self.entity], on: kind)
        try await sample.insert((0..<5).map { random.record($0) }, into: Self.entity)
        for (limit, count) in [(1, 2), (4, 5), (5, 5), (6, 5)] {
            #expect(try await sample.rows(ListRequest.of(Self.entity, limit: limit).plan(Self.entity)).count == count)
        }
        #expect(try await sample.rows(ListRequest.of(Self.entity, limit: 5).plan(Self.entity, start: .offset(4))).count == 1)
        #expect(try await sample.rows(ListRequest.of(Self.entity, limit: 5).plan(Self.entity, start: .offset(5))).isEmpty)
        await sample.close()
    }

    @Test func `the order is completed by the key, and ends with it`() {
        let (up, down) = (SortKey(1, isDescending: false), SortKey(2, isDescending: true))
        let keyUp = SortKey(0, isDescending: false)
        let keyDown = SortKey(0, isDescending: true)
        #expect(SortKey.total([], over: [0]) == [keyUp])
        #expect(SortKey.total([up, down], over: [0]) == [up, down, keyUp])
        #expect(SortKey.total([keyDown, up], over: [0]) == [keyDown])
        #expect(SortKey.total([up, keyDown, down], over: [0]) == [up, keyDown])
        #expect(SortKey.total([down], over: [0, 2]) == [down, keyUp])
        #expect(SortKey.total([down, keyDown, up], over: [0, 2]) == [down, keyDown])
        #expect(SortKey.total([], over: [2, 0]) == [SortKey(2, isDescending: false), keyUp])
    }

    @Test func `the columns are the selected ones, then what the cursor needs`() throws {
        let sort = [SortKey(3, isDescending: true)]
        func columns(_ sort: [SortKey], _ select: [Int], terms: [String] = []) throws -> [[Int]] {
            let layout = try ListRequest.of(Self.entity, terms: terms, sort: sort, select: select).plan(Self.entity).layout
            return [layout.root.fields.map(\.column), layout.furtherColumns]
        }
        #expect(try columns(sort, [1, 2]) == [[0, 1], [2, 3]])
        #expect(try columns(sort, [0, 3]) == [[0, 1], [1, 0]])
        #expect(try columns([], [1], terms: ["A"]) == [[0], []])
    }

    @Test func `a composite key pages by row value where it can`() throws {
        let entity = Entity(
            name: "Detail", table: "details", path: "details", key: [0, 1],
            fields: [
                Field(name: "order", column: "order", type: .integer), Field(name: "line", column: "line", type: .integer),
                Field(name: "note", column: "note", type: .string),
            ])
        func sql(_ sort: [SortKey], _ values: [Value]) throws -> String {
            try ListRequest.of(entity, sort: sort, select: [2]).plan(entity, start: .after(values)).sql(SQLiteDialect())
        }
        #expect(
            try sql([], [.integer(1), .integer(2)])
                == #"SELECT t0."note", t0."order", t0."line" FROM "details" AS t0 WHERE TRUE AND (t0."order", t0."line") > (?1, ?2) "#
                + #"ORDER BY t0."order", t0."line" LIMIT ?3"#
        )
        #expect(
            try sql([SortKey(0, isDescending: true)], [.integer(1), .integer(2)])
                == #"SELECT t0."note", t0."order", t0."line" FROM "details" AS t0 WHERE TRUE AND t0."order" <= ?1 AND ((t0."order" < ?1) OR "#
                + #"(t0."order" = ?1 AND t0."line" > ?2)) ORDER BY t0."order" DESC, t0."line" LIMIT ?3"#)
        #expect(
            try sql([SortKey(2, isDescending: false)], [.null, .integer(1), .integer(2)])
                == #"SELECT t0."note", t0."order", t0."line" FROM "details" AS t0 WHERE TRUE AND ((t0."note" IS NULL AND t0."order" > ?1) OR "#
                + #"(t0."note" IS NULL AND t0."order" = ?1 AND t0."line" > ?2)) ORDER BY t0."note" NULLS LAST, t0."order", t0."line" LIMIT ?3"#
        )
    }
}
