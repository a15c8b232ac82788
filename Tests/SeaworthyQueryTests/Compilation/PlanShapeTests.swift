import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import Testing

@Suite struct PlanShapeTests {
    static let dialect = SQLiteDialect()

    @Test func `plans of one shape have one statement with as many parameters`() throws {
        var random = RandomRecords(seed: 21)
        let entity = RandomRecords.entity
        let sortable = entity.fields.indices.filter { entity.fields[$0].type.isOrdered }
        var known: [[UInt8]: (sql: String, parameters: Int)] = [:]
        var counts: [[UInt8]: String] = [:]
        var repeated = 0
        for round in 0..<4_000 {
            let sort = round % 2 == 0 ? [] : random.sort(sortable).prefix(2).map { SortKey($0.field, isDescending: $0.isDescending) }
            let terms = random.random.chance(30) ? Array(["A", "B", "C"].prefix(random.random.number(1..<4))) : []
            let select = random.random.chance(50) ? [0] : [0, random.random.number(1..<13)]
            let request = try ListRequest.of(entity, filter: random.filter(depth: round % 3), terms: terms, sort: sort, select: select)
            let hidden = random.random.number(0..<3)
            let total = SortKey.total(sort, over: entity.key)
            let position = total.map { key in random.random.chance(30) && key.field != 0 ? Value.null : random.value(key.field) }
            let start = random.random.pick([.first, .offset(round), .after(position)] as [ListPlan.Start])
            let plan = request.plan(entity, start: start, isVisible: { $0 != hidden })
            let (shape, sql) = (plan.shape, plan.sql(Self.dialect))
            let marks = Set(sql.matches(of: #/\?\d+/#).map { String($0.output) })
            #expect(marks.count == shape.parameters.count, "\(sql)")
            if let other = known[shape.bytes] {
                repeated += 1
                #expect(other.sql == sql)
                #expect(other.parameters == shape.parameters.count)
            }
            known[shape.bytes] = (sql, shape.parameters.count)
            let count = plan.countSQL(Self.dialect)
            #expect(counts.updateValue(count, forKey: plan.countShape.bytes).map { $0 == count } ?? true)
            #expect(plan.countShape.bytes != shape.bytes)
        }
        #expect(repeated > 100)
    }

    @Test func `whatever changes the SQL changes the shape`() throws {
        let entity = RandomRecords.entity
        let one = Value.integer(1)
        let filters: [Filter] = [
            .all([]), .any([]), .not(.all([])), .all([.all([])]), .compare(field: 3, .equals, .value(one)),
            .compare(field: 4, .equals, .value(one)),
            .compare(field: 3, .not, .value(one)), .compare(field: 3, .gt, .value(one)), .compare(field: 3, .gte, .value(one)),
            .compare(field: 3, .lt, .value(one)), .compare(field: 3, .lte, .value(one)), .compare(field: 3, .equals, .field(4)),
            .compare(field: 4, .equals, .field(3)), .isNull(field: 3, true), .isNull(field: 3, false), .isNull(field: 5, true),
            .isIn(field: 3, []), .isIn(field: 3, [one]), .isIn(field: 3, [one, one]), .isIn(field: 3, [one, one, one]),
            .isIn(field: 4, [one]), .text(field: 1, .contains, "a", .sensitive), .text(field: 1, .contains, "a", .insensitive),
            .text(field: 1, .startsWith, "a", .sensitive), .text(field: 1, .startsWith, "a", .insensitive),
            .text(field: 1, .endsWith, "a", .sensitive), .text(field: 1, .endsWith, "a", .insensitive),
            .text(field: 2, .contains, "a", .sensitive),
            .has(field: 9, .text("a")), .has(field: 10, one),
            .all([.isNull(field: 3, true), .isNull(field: 4, true)]), .any([.isNull(field: 3, true), .isNull(field: 4, true)]),
            .all([.any([.isNull(field: 3, true)]), .isNull(field: 4, true)]),
            .all([.any([.isNull(field: 3, true), .isNull(field: 4, true)])]),
        ]
        var plans = try filters.map { try ListRequest.of(entity, filter: $0).plan(entity) }
        for terms in [["A"], ["A", "B"]] {
            for hidden in 0...2 { plans.append(try ListRequest.of(entity, terms: terms).plan(entity, isVisible: { $0 != hidden })) }
            plans.append(try ListRequest.of(entity, terms: terms, sort: [SortKey(0, isDescending: false)]).plan(entity))
        }
        for field in [0, 3, 4] {
            for isDescending in [false, true] where field > 0 || isDescending {
                let request = try ListRequest.of(entity, sort: [SortKey(field, isDescending: isDescending)])
                plans.append(request.plan(entity))
                plans.append(request.plan(entity, start: .offset(1)))
                if field > 0 {
                    plans.append(request.plan(entity, start: .after([one, one])))
                    plans.append(request.plan(entity, start: .after([.null, one])))
                } else {
                    plans.append(request.plan(entity, start: .after([one])))
                }
            }
        }
        plans.append(try ListRequest.of(entity, select: [0]).plan(entity))
        plans.append(try ListRequest.of(entity, select: [0, 1]).plan(entity))
        #expect(Set(plans.map(\.shape.bytes)).count == plans.count)
    }

    @Test func `a searched field is not taken for a sort key`() throws {
        // Field indexes that are the tags of relevance and sort.
        let fields = (0..<20).map {
            Field(name: "f\($0)", column: "f\($0)", type: .string, searchWeight: [1, 13, 14, 15].contains($0) ? 1 : nil)
        }
        let entity = Entity(name: "Wide", table: "wide", path: "wide", key: [0], fields: fields)
        var plans: [ListPlan] = []
        for visible: Set<Int> in [[1], [1, 13], [1, 14, 15], [1, 13, 14, 15]] {
            for sort in [[], [15], [14, 15], [15, 15]] {
                let keys = sort.map { SortKey($0, isDescending: false) }
                plans.append(try ListRequest.of(entity, terms: ["A"], sort: keys, select: [0]).plan(entity) { visible.contains($0) })
            }
        }
        var known: [[UInt8]: String] = [:]
        for plan in plans {
            let sql = plan.sql(Self.dialect)
            #expect((known.updateValue(sql, forKey: plan.shape.bytes) ?? sql) == sql)
        }
    }

    @Test func `values, limits and offsets are parameters and no part of the shape`() throws {
        let entity = RandomRecords.entity
        func plan(_ text: String, limit: Int, offset: Int) throws -> ListPlan {
            let filter = Filter.all([.compare(field: 1, .equals, .value(.text(text))), .text(field: 2, .contains, text, .insensitive)])
            return try ListRequest.of(entity, filter: filter, limit: limit).plan(entity, start: .offset(offset))
        }
        let (first, second) = (try plan("x' OR 1=1 --", limit: 10, offset: 20), try plan("ß", limit: 11, offset: 0))
        #expect(first.shape.bytes == second.shape.bytes)
        #expect(first.sql(Self.dialect) == second.sql(Self.dialect))
        #expect(first.shape.parameters == [.text("x' OR 1=1 --"), .text("X' OR 1=1 --"), .integer(11), .integer(20)])
        #expect(second.shape.parameters == [.text("ß"), .text("SS"), .integer(12), .integer(0)])
    }

    @Test func `lists are padded to a power of two with their last value`() throws {
        let entity = RandomRecords.entity
        for (count, padded) in [(0, 0), (1, 1), (2, 2), (3, 4), (4, 4), (5, 8), (8, 8)] {
            let values = (0..<count).map { Value.integer(Int64($0)) }
            let rule = RecordStatements.ruleParameters([.isIn(field: 3, values)])
            #expect(rule.count == padded)
            #expect(Array(rule.prefix(count)) == values)
            #expect(rule.dropFirst(count).allSatisfy { $0 == values.last })
            let plan = try ListRequest.of(entity, filter: .isIn(field: 3, values), select: [0]).plan(entity)
            #expect(plan.sql(Self.dialect).contains("?\(padded + 1)"))
            #expect(!plan.sql(Self.dialect).contains("?\(padded + 2)"))
        }
    }

    @Test func `a long list is one parameter, whatever its length`() throws {
        let entity = RandomRecords.entity
        let plans = try [9, 1000].map { count in
            try ListRequest.of(entity, filter: .isIn(field: 3, (0..<count).map { .integer(Int64($0)) }), select: [0]).plan(entity)
        }
        #expect(plans[0].shape.bytes == plans[1].shape.bytes)
        #expect(plans[0].sql(Self.dialect) == plans[1].sql(Self.dialect))
        #expect(plans[0].sql(Self.dialect).contains("IN (SELECT value FROM json_each(?1))"))
        #expect(plans[0].shape.parameters.first == .text("[0,1,2,3,4,5,6,7,8]"))
    }

    @Test func `a long list matches what its values equal, of every type`() async throws {
        let field = Field(name: "v", column: "v", type: .integer)
        let texts = ["a", "b", "\"", "\\", "é", "e\u{301}", "", "😀", "A", "\n"]
        let lists: [(FieldType, [Value])] = [
            (.text, texts.map(Value.text)), (.integer, [.min, .max, -1, 0, 1, 2, 3, 9_007_199_254_740_993, 5].map(Value.integer)),
            (.double, [0.1, -0.5, 1e21, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 100, 0, 1.5, 2.25].map(Value.double)),
            (.bytes, (0..<9).map { .bytes([UInt8($0)]) }),
        ]
        for (type, values) in lists {
            var typed = field
            typed.type = type
            let entity = Entity(
                name: "T", table: "t", path: "t", key: [0],
                fields: [Field(name: "id", column: "id", type: .integer, isGenerated: true), typed])
            let (sample, _) = try await SampleDatabase.of(entity, rows: values.map { [.null, $0] } + [[.null, .null]])
            for (index, value) in values.enumerated() {
                let all = try await sample.firstColumn(of: entity, where: .isIn(field: 1, values))
                #expect(all == Array(1...values.count).map { Value.integer(Int64($0)) }, "\(type)")
                let without = values.filter { $0 != value }
                // Eight are parameters, the ninth value is looked for among those of the JSON.
                let others = try await sample.firstColumn(of: entity, where: .not(.isIn(field: 1, without + without)))
                #expect(others == [.integer(Int64(index + 1))], "\(type) \(value)")
            }
            await sample.close()
        }
    }

    @Test func `inserts and updates have shapes of their own`() {
        let shapes = [
            PlanShape.insert([]), .insert([0]), .insert([0, 1]), .insert([1, 0]), .insert([128]), .insert([0, 1, 2]), .update([]),
            .update([0]),
            .update([0, 1]), .insert([1, 128]), .insert([16_384]),
        ]
        #expect(Set(shapes.map(\.bytes)).count == shapes.count)
        #expect(PlanShape.insert([3, 4]).bytes == PlanShape.insert([3, 4]).bytes)
    }
}
