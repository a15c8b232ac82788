import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import Testing

@Suite struct AggregateRequestParserTests {
    /// Orders of customers, who have many.
    static let entities: [Entity] = {
        let customers = Entity(
            name: "Customer", table: "customers", path: "customers", key: [0],
            fields: [
                Field(name: "ID", column: "ID", type: .integer), Field(name: "Country", column: "Country", type: .string),
                Field(name: "Credit", column: "Credit", type: .bigint), Field(name: "Since", column: "Since", type: .date),
            ])
        let orders = Entity(
            name: "Order", table: "orders", path: "orders", key: [0],
            fields: [
                Field(name: "ID", column: "ID", type: .integer), Field(name: "CustomerID", column: "CustomerID", type: .integer),
                Field(name: "Freight", column: "Freight", type: .decimal(precision: 12, scale: 4)),
                Field(name: "At", column: "At", type: .timestamp), Field(name: "Day", column: "Day", type: .date),
                Field(name: "Weight", column: "Weight", type: .double), Field(name: "Extra", column: "Extra", type: .json),
                Field(name: "Tags", column: "Tags", type: .array(.string)),
                Field(name: "Note", column: "Note", type: .text, searchWeight: 1),
                Field(name: "Secret", column: "Secret", type: .integer),
                Field(name: "Big", column: "Big", type: .decimal(precision: 18, scale: 2)),
                Field(name: "Wide", column: "Wide", type: .decimal(precision: 16, scale: 16)),
                Field(name: "count", column: "count", type: .integer),
            ],
            references: [Reference(name: "customer", inverse: "orders", target: "Customer", fields: [1])])
        return Schema(name: "test", entities: [customers, orders]).entities
    }()

    static let model = ReadableModel(
        entities: entities,
        access: [
            .everything(fieldCount: entities[0].fields.count), ReadAccess([.init(hidden: [9])], fieldCount: entities[1].fields.count),
        ])

    static func parse(_ items: [(String, String)], at position: Int = 1) throws(QueryProblems) -> AggregateRequest {
        try AggregateRequestParser.parse(
            items.map { (name: $0.0, value: $0.1) }, at: position, model: model, api: Schema.API(pageSize: 25, maxPageSize: 200))
    }

    static func details(_ items: [(String, String)], at position: Int = 1) -> [QueryProblem] {
        do throws(QueryProblems) {
            _ = try parse(items, at: position)
            return []
        } catch {
            return error.problems
        }
    }

    @Test func `a request without parameters counts`() throws {
        let request = try Self.parse([])
        #expect(request.groups.isEmpty)
        #expect(request.measures.map { "\($0.name) \($0.function) \($0.path == nil) \($0.type.name)" } == ["count count true integer"])
        #expect(request.having == .all([]))
        #expect(request.sort.isEmpty)
        #expect(request.page == nil)
        #expect(request.records.limit == 25)
        #expect(request.records.filter == .all([]))
    }

    @Test func `groups are fields, ways to fields and parts of times, with the types of their values`() throws {
        let names = "Note,customer.Country,year(At),quarter(At),month(Day),week(Day),day(Day),day(At),hour(At)"
        #expect(Self.details([("groupBy", names)]).map(\.detail) == ["names more than 8"])
        let request = try Self.parse([("groupBy", names.replacing(",week(Day)", with: ""))])
        #expect(
            request.groups.map(\.name) == [
                "Note", "customer.Country", "year(At)", "quarter(At)", "month(Day)", "day(Day)", "day(At)", "hour(At)",
            ])
        #expect(request.groups.map(\.type) == [.text, .string, .integer, .string, .string, .date, .date, .string])
        #expect(request.groups.map(\.part) == [nil, nil, .year, .quarter, .month, .day, .day, .hour])
        #expect(request.groups.map(\.path.field) == [8, 1, 3, 3, 4, 4, 3, 3])
        #expect(request.groups[1].path.steps == [RelationStep(0)])
    }

    @Test func `measures have the types of their values`() throws {
        for (name, type) in [
            ("count", .integer), ("count(Extra)", .integer), ("countDistinct(Note)", .integer), ("sum(ID)", .integer),
            ("sum(customer.Credit)", .bigint), ("sum(Freight)", .decimal(precision: 18, scale: 4)), ("sum(Weight)", .double),
            ("avg(ID)", .double), ("avg(customer.Credit)", .double), ("avg(Weight)", .double),
            // Four digits more, where 18 in all leave room for them.
            ("avg(Freight)", .decimal(precision: 18, scale: 8)), ("avg(Big)", .decimal(precision: 18, scale: 2)),
            ("avg(Wide)", .decimal(precision: 18, scale: 18)), ("min(At)", .timestamp), ("max(customer.Since)", .date),
            ("min(Freight)", .decimal(precision: 12, scale: 4)),
        ] as [(String, FieldType)] {
            let request = try Self.parse([("measures", name)])
            #expect(request.measures.map(\.type) == [type], "\(name)")
            #expect(request.measures.map(\.name) == [name])
        }
        #expect(Self.details([("sort", (0...24).map { "m\($0)" }.joined(separator: ","))]).map(\.detail) == ["names more than 24"])
        #expect(Self.details([("measures", (0...16).map { "m\($0)" }.joined(separator: ","))]).map(\.detail) == ["names more than 16"])
    }

    @Test(arguments: [
        ("groupBy", "Nope", "unknown_field", "«Nope» is not a field of Order"),
        ("groupBy", "Secret", "unknown_field", "«Secret» is not a field of Order"),
        ("groupBy", "", "unknown_field", "«» is not a field of Order"),
        ("groupBy", "Note.Country", "unknown_field", "«Note» is not a relation of Order"),
        ("groupBy", "custmer.Country", "unknown_field", "«custmer» is not a relation of Order; did you mean «customer»?"),
        ("groupBy", "Note,", "unknown_field", "«» is not a field of Order"),
        ("groupBy", "customer", "invalid_parameter", "«customer» leads to records; name a field of theirs behind it"),
        ("groupBy", "Note,Note", "invalid_parameter", "names «Note» twice"),
        ("groupBy", "decade(At)", "invalid_parameter", "«decade» is none of year, quarter, month, week, day, hour"),
        ("groupBy", "sum(At)", "invalid_parameter", "«sum» is none of year, quarter, month, week, day, hour"),
        ("groupBy", "year(Nope)", "unknown_field", "«Nope» is not a field of Order"),
        ("groupBy", "year()", "unknown_field", "«» is not a field of Order"),
        ("groupBy", "year(Note)", "invalid_parameter", "Note is text, which has no year"),
        ("groupBy", "hour(Day)", "invalid_parameter", "Day is date, which has no hour"),
        ("groupBy", "Extra", "invalid_parameter", "Extra is json, which has no order"),
        ("groupBy", "Tags", "invalid_parameter", "Tags is array, which has no order"),
        ("measures", "sum(Note)", "invalid_parameter", "Note is text, which has no sum"),
        ("measures", "avg(At)", "invalid_parameter", "At is timestamp, which has no avg"),
        ("measures", "min(Extra)", "invalid_parameter", "Extra is json, which has no min"),
        ("measures", "countDistinct(Tags)", "invalid_parameter", "Tags is array, which has no countDistinct"),
        ("measures", "sum(Secret)", "unknown_field", "«Secret» is not a field of Order"),
        ("measures", "sum(Freight", "invalid_parameter", "«sum(Freight» is no measure"),
        ("measures", "Freight", "invalid_parameter", "«Freight» is no measure"),
        ("measures", "median(Freight)", "invalid_parameter", "«median(Freight)» is no measure"),
        ("measures", "COUNT", "invalid_parameter", "«COUNT» is no measure"),
        ("measures", "", "invalid_parameter", "«» is no measure"),
        ("measures", "count,count", "invalid_parameter", "names «count» twice"),
        ("having", "x", "invalid_parameter", "is not JSON"),
        ("having", #"{"sum(Freight)":1}"#, "unknown_field", "/sum(Freight): «sum(Freight)» is not a field of this aggregate"),
        ("having", #"{"count":"x"}"#, "wrong_type", "/count: is a string"),
        ("having[count][gt]", "x", "wrong_type", "is a string"),
        ("having[count][near]", "1", "unknown_operator", "«near» is not an operator"),
        ("having[Note]", "1", "unknown_field", "«Note» is not a field of this aggregate"),
        ("having[count]x", "1", "unknown_parameter", "is not a parameter of this route"),
        ("sort", "Note", "unknown_field", "«Note» is no group or measure of this aggregate"),
        ("sort", "count,-count", "invalid_parameter", "names «count» twice"),
        ("sort", "", "unknown_field", "«» is no group or measure of this aggregate"),
        ("limit", "201", "invalid_parameter", "is not a whole number between 1 and 200"),
        ("page", "0", "invalid_parameter", "is not a whole number between 1 and 1000000"),
        ("filter", #"{"Secret":1}"#, "unknown_field", "/Secret: «Secret» is not a field of Order"),
        ("filter", #"{"Note.ID":1}"#, "unknown_field", "/Note.ID: «Note» in «Note.ID» is not a relation of Order"),
        ("filter[custmer.ID]", "1", "unknown_field", "«custmer» in «custmer.ID» is not a relation of Order; did you mean «customer»?"),
        ("filter[Secret]", "1", "unknown_field", "«Secret» is not a field of Order"),
        ("deleted", "only", "invalid_parameter", "is for entities whose deleted records stay"),
        ("dateFrom", "2024-01-01", "invalid_parameter", "is for entities with timestamps"),
        ("cursor", "x", "unknown_parameter", "is not a parameter of this route"),
        ("select", "ID", "unknown_parameter", "is not a parameter of this route"),
        ("group", "ID", "unknown_parameter", "is not a parameter of this route"),
    ])
    func `what does not exist or does not fit is refused`(_ name: String, _ value: String, _ code: String, _ detail: String) {
        let problems = Self.details([(name, value)])
        #expect(problems.map(\.code) == [code], "\(name)=\(value): \(problems)")
        #expect(problems.first?.detail.hasPrefix(detail) == true, "\(name)=\(value): \(problems)")
        #expect(problems.first?.parameter == name, "\(name)=\(value): \(problems)")
    }

    @Test func `a group and a measure of one name are refused`() {
        for items in [[("groupBy", "count")], [("groupBy", "ID,count"), ("measures", "sum(ID),count")]] {
            let problems = Self.details(items)
            #expect(problems.map(\.code) == ["invalid_parameter"])
            #expect(problems.map(\.detail) == ["«count» is a group as well, and a row has one member of a name"])
        }
        #expect(Self.details([("groupBy", "count"), ("measures", "max(count)")]).isEmpty)
    }

    @Test func `a way to many is refused`() {
        for parameter in [("groupBy", "orders.Day"), ("measures", "sum(orders.Freight)")] {
            let problems = Self.details([parameter], at: 0)
            #expect(problems.map(\.code) == ["invalid_parameter"])
            #expect(problems.first?.detail.contains("leads through orders to many records") == true)
        }
    }

    @Test func `every problem is told at once`() {
        let problems = Self.details([
            ("groupBy", "Nope"), ("measures", "sum(Note)"), ("limit", "0"), ("filter", "x"), ("what", ""), ("groupBy", "ID"),
        ])
        #expect(
            problems.map { "\($0.code) \($0.parameter)" } == [
                "unknown_parameter what", "duplicate_parameter groupBy", "unknown_field groupBy", "invalid_parameter measures",
                "invalid_parameter filter", "invalid_parameter limit",
            ])
    }

    @Test func `conditions on rows name groups and measures, in JSON and in brackets`() throws {
        let base = [("groupBy", "customer.Country,year(At)"), ("measures", "count,sum(Freight)")]
        let json = try Self.parse(base + [("having", #"{"sum(Freight)":{"gt":"1.5"},"customer.Country":{"startsWith":"A"}}"#)])
        #expect(
            json.having
                == .all([
                    .compare(field: 3, .gt, .value(.integer(15_000))), .text(field: 0, .startsWith, "A", .insensitive),
                ]))
        let brackets = try Self.parse(base + [("having[year(At)][in]", "2023,2024"), ("having[count]", "2"), ("having", #"{"count":2}"#)])
        #expect(
            brackets.having
                == .all([
                    .compare(field: 2, .equals, .value(.integer(2))),
                    .all([.isIn(field: 1, [.integer(2023), .integer(2024)]), .compare(field: 2, .equals, .value(.integer(2)))]),
                ]))
        let problems = Self.details(base + [("having", #"{"customer.Countri":1,"count":"$user.id"}"#)])
        #expect(problems.map(\.code) == ["unknown_field", "variable_not_allowed"])
        #expect(problems[0].detail.hasSuffix("did you mean «customer.Country»?"))
    }

    @Test func `the order ends with the groups that it does not name`() throws {
        let request = try Self.parse([
            ("groupBy", "Note,Day"), ("measures", "count,sum(Freight)"), ("sort", "-sum(Freight),Day"), ("page", "3"), ("limit", "10"),
        ])
        #expect(request.sort == [SortKey(3, isDescending: true), SortKey(1, isDescending: false)])
        let sql = AggregatePlan(request, model: Self.model).sql(SQLiteDialect())
        #expect(
            sql == #"SELECT "c0", "c1", "c2", "c3" FROM (SELECT t0."Note" AS "c0", t0."Day" AS "c1", count(*) AS "c2", "#
                + #"sum(t0."Freight") AS "c3" FROM "orders" AS t0 WHERE TRUE GROUP BY 1, 2) AS t1 "#
                + #"ORDER BY t1."c3" DESC NULLS FIRST, t1."c1" NULLS LAST, t1."c0" NULLS LAST LIMIT ?1 OFFSET ?2"#)
        #expect(AggregatePlan(request, model: Self.model).shape.parameters == [.integer(11), .integer(20)])
    }

    @Test func `values are parameters, and what the statement depends on is in the shape`() throws {
        func plan(_ items: [(String, String)]) throws -> AggregatePlan { AggregatePlan(try Self.parse(items), model: Self.model) }
        let queries: [[(String, String)]] = [
            [], [("measures", "count(ID)")], [("measures", "count(Note)")], [("measures", "countDistinct(ID)")], [("measures", "sum(ID)")],
            [("measures", "avg(ID)")], [("measures", "min(ID)")], [("measures", "max(ID)")], [("measures", "max(customer.ID)")],
            [("measures", "max(ID),count")], [("measures", "count,max(ID)")], [("groupBy", "ID")], [("groupBy", "Note")],
            [("groupBy", "At")], [("groupBy", "year(At)")], [("groupBy", "quarter(At)")], [("groupBy", "month(At)")],
            [("groupBy", "week(At)")], [("groupBy", "day(At)")], [("groupBy", "hour(At)")], [("groupBy", "year(Day)")],
            [("groupBy", "customer.ID")], [("groupBy", "ID"), ("sort", "-ID")], [("groupBy", "ID"), ("sort", "count")],
            [("groupBy", "ID"), ("sort", "-count")], [("groupBy", "ID"), ("page", "1")], [("groupBy", "ID,Note")], [("groupBy", "Note,ID")],
            [("groupBy", "ID"), ("having", #"{"ID":1}"#)], [("groupBy", "ID"), ("having", #"{"count":1}"#)],
            [("groupBy", "ID"), ("filter", #"{"ID":1}"#)], [("groupBy", "ID"), ("search", "x")], [("groupBy", "ID"), ("search", "x y")],
        ]
        let plans = try queries.map(plan)
        #expect(Set(plans.map { $0.sql(SQLiteDialect()) }).count == queries.count)
        #expect(Set(plans.map(\.shape.bytes)).count == queries.count)
        let (one, other) = (
            try plan([("groupBy", "Note"), ("having[Note]", "'; DROP"), ("filter[Note]", "\"a"), ("limit", "7")]),
            try plan([("groupBy", "Note"), ("having[Note]", "x"), ("filter[Note]", "y"), ("limit", "9")])
        )
        #expect(one.shape.bytes == other.shape.bytes)
        #expect(one.sql(SQLiteDialect()) == other.sql(SQLiteDialect()))
        #expect(one.shape.parameters == [.text("\"a"), .text("'; DROP"), .integer(8)])
    }
}
