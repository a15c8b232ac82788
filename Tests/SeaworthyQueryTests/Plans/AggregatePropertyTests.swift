import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import Testing

/// Aggregates of random records by the statements, against the same computed here from the records.
@Suite struct AggregatePropertyTests {
    static let entity = RandomRecords.entity
    static let groups = [
        "a", "b", "n", "m", "x", "money", "flag", "at", "raw", "day", "year(at)", "quarter(at)", "month(at)", "week(at)", "day(at)",
        "hour(at)", "year(day)", "quarter(day)", "month(day)", "week(day)", "day(day)",
    ]
    static let measures =
        ["count"] + ["a", "n", "tags", "raw"].map { "count(\($0))" } + ["n", "m", "x", "money"].flatMap { ["sum(\($0))", "avg(\($0))"] }
        + ["a", "n", "x", "money", "flag", "at", "raw", "day"].flatMap { ["min(\($0))", "max(\($0))", "countDistinct(\($0))"] }
    static let conditions = [
        #"{"count":{"gt":2}}"#, #"{"count":{"in":[1,3,5]}}"#, #"{"count(a)":{"lte":1}}"#, #"{"sum(n)":{"gt":0}}"#, #"{"sum(n)":null}"#,
        #"{"sum(money)":{"lte":"0.01"}}"#, #"{"avg(money)":{"gt":"-0.005"}}"#, #"{"a":{"contains":"ss"}}"#, #"{"NOT":{"flag":true}}"#,
        #"{"year(at)":{"not":1970}}"#, #"{"quarter(day)":{"endsWith":"Q4"}}"#, #"{"OR":[{"n":{"gt":0}},{"count":1}]}"#,
        #"{"max(day)":{"gte":"1999-12-31"}}"#, #"{"countDistinct(x)":{"gt":1}}"#,
    ]

    /// Times at the edges besides those of ``RandomRecords``.
    private static func record(_ id: Int, _ random: inout RandomRecords) -> [Value] {
        var record = random.record(id)
        if random.random.chance(60) {
            record[8] = .integer(
                random.random.pick([
                    -1, -3_600_000_000, -3_600_000_001, 1_704_067_199_999_999, 1_704_067_200_000_000, -62_135_596_800_000_000,
                ]))
            record[12] = .text(random.random.pick(["2023-12-31", "2024-01-01", "2024-12-30", "2021-01-03", "9999-12-31", "1970-01-01"]))
        }
        return record
    }

    @Test(arguments: DatabaseKind.allCases, [1, 2, 3, 4] as [UInt64])
    func `every group, measure, condition and page is what the records say`(kind: DatabaseKind, seed: UInt64) async throws {
        var random = RandomRecords(seed: seed)
        let records = (0..<80).map { Self.record($0, &random) }
        let sample = try await SampleDatabase([Self.entity], on: kind)
        try await sample.insert(records, into: Self.entity)
        var known: [[UInt8]: String] = [:]
        var (rowCount, conditionCount) = (0, 0)
        for _ in 0..<150 {
            let groups = Array(Self.groups.shuffled(using: &random.random).prefix(random.random.number(0..<4)))
            let measures = Array(Self.measures.shuffled(using: &random.random).prefix(random.random.number(1..<7)))
            var items = [(name: "measures", value: measures.joined(separator: ","))]
            if !groups.isEmpty { items.append((name: "groupBy", value: groups.joined(separator: ","))) }
            let conditions = Self.conditions.filter { condition in
                condition.matches(of: #/"([a-zA-Z]+(\([a-z]+\))?)":/#).map { String($0.output.1) }.allSatisfy {
                    (groups + measures).contains($0) || ["NOT", "OR", "gt", "gte", "lte", "in", "not", "contains", "endsWith"].contains($0)
                }
            }
            if !conditions.isEmpty {
                items.append((name: "having", value: random.random.pick(conditions)))
                conditionCount += 1
            }
            // Doubles are added in whatever order the rows come, so nothing is sorted by their sums.
            let sortable = (groups + measures).filter { $0 != "sum(x)" && !$0.hasPrefix("avg(") || $0 == "avg(money)" }
            let sort = sortable.shuffled(using: &random.random).prefix(random.random.number(0..<3)).map {
                (random.random.chance(50) ? "-" : "") + $0
            }
            if !sort.isEmpty { items.append((name: "sort", value: sort.joined(separator: ","))) }
            let limit = random.random.number(1..<40)
            let page = random.random.chance(40) ? random.random.number(1..<4) : nil
            items.append((name: "limit", value: String(limit)))
            if let page { items.append((name: "page", value: String(page))) }
            var request = try Self.parse(items)
            let filter = random.random.chance(50) ? random.filter(depth: 2) : .all([])
            request.records.filter = filter
            let plan = AggregatePlan(request, model: ReadableModel([Self.entity]))
            let sql = plan.sql(kind.dialect)
            #expect((known.updateValue(sql, forKey: plan.shape.bytes) ?? sql) == sql)
            let expected = Self.expected(request, records.filter { filter.evaluate($0) == true })
            let start = min(expected.count, ((page ?? 1) - 1) * limit)
            let rows = try await sample.rows(plan)
            guard Self.agree(rows, Array(expected[start...].prefix(limit + 1))) else {
                Issue.record("\(items) \(filter): \(sql) gave \(rows), not \(expected)")
                break
            }
            rowCount += rows.count
        }
        #expect(rowCount > 500 && conditionCount > 20, "too little would be proved: \(rowCount) rows, \(conditionCount) conditions")
        await sample.close()
    }

    private static func parse(_ items: [(name: String, value: String)]) throws -> AggregateRequest {
        try AggregateRequestParser.parse(
            items, at: 0, model: ReadableModel([entity]), api: Schema.API(pageSize: 1000, maxPageSize: 1000))
    }

    private static func agree(_ rows: [[Value]], _ expected: [[Value]]) -> Bool {
        rows.count == expected.count
            && zip(rows, expected).allSatisfy { row, other in
                zip(row, other).allSatisfy { value, other in
                    if case .double(let a) = value, case .double(let b) = other { return abs(a - b) <= 1e-12 * max(1, abs(a), abs(b)) }
                    return value == other
                }
            }
    }

    // MARK: The same in Swift

    private static func expected(_ request: AggregateRequest, _ records: [[Value]]) -> [[Value]] {
        var members: [[Value]: [[Value]]] = request.groups.isEmpty ? [[]: []] : [:]
        for record in records {
            members[request.groups.map { value(of: $0, record) }, default: []].append(record)
        }
        let rows = members.map { group, records in group + request.measures.map { value(of: $0, records) } }
        let order = request.sort + request.groups.indices.map { SortKey($0, isDescending: false) }
        return rows.filter { request.having.evaluate($0) == true }.sorted { left, right in
            for key in order {
                let (a, b) = (left[key.field], right[key.field])
                let isLess = !a.isNull && (b.isNull || a.isOrdered(before: b))
                let isMore = !b.isNull && (a.isNull || b.isOrdered(before: a))
                if isLess || isMore { return key.isDescending ? isMore : isLess }
            }
            return false
        }
    }

    private static func value(of group: AggregateRequest.Group, _ record: [Value]) -> Value {
        let value = record[group.path.field]
        guard let part = group.part else { return value }
        return switch value {
        case .integer(let time): CalendarReference.part(part, ofTimestamp: time)
        case .text(let date): CalendarReference.part(part, ofDate: date)
        default: .null
        }
    }

    private static func value(of measure: AggregateRequest.Measure, _ records: [[Value]]) -> Value {
        guard let field = measure.path?.field else { return .integer(Int64(records.count)) }
        let values = records.map { $0[field] }.filter { !$0.isNull }
        switch measure.function {
        case .count: return .integer(Int64(values.count))
        case .countDistinct: return .integer(Int64(Set(values).count))
        case .min: return values.min { $0.isOrdered(before: $1) } ?? .null
        case .max: return values.max { $0.isOrdered(before: $1) } ?? .null
        case .sum, .avg: break
        }
        guard !values.isEmpty else { return .null }
        let count = Int64(values.count)
        let doubles = values.map { if case .double(let number) = $0 { number } else { 0.0 } }
        let integers = values.map { if case .integer(let number) = $0 { number } else { Int64(0) } }
        let (double, integer) = (doubles.reduce(0, +), integers.reduce(0, +))
        switch (entity.fields[field].type, measure.function) {
        case (.double, .sum): return .double(double)
        case (.double, _): return .double(double / Double(count))
        case (_, .sum): return .integer(integer)
        case (.decimal, _):
            // Half away from zero, four digits behind the field's own.
            let magnitude = (2 * integer.magnitude * 10_000 + UInt64(count)) / (2 * UInt64(count))
            return .integer(integer < 0 ? -Int64(magnitude) : Int64(magnitude))
        default: return .double(Double(integer) / Double(count))
        }
    }
}
