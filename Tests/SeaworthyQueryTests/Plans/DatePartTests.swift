import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import SeededNumbers
import Testing

/// What ``DatePart`` promises, computed another way than in SQL: by walking days.
enum CalendarReference {
    private static let day: Int64 = 86_400_000_000

    static func part(_ part: DatePart, ofTimestamp microseconds: Int64) -> Value {
        let time = CivilTime(microseconds: microseconds)
        let date = "\(padded(time.date.year, 4))-\(padded(time.date.month, 2))-\(padded(time.date.day, 2))"
        return switch part {
        case .year: .integer(Int64(time.date.year))
        case .quarter: .text("\(padded(time.date.year, 4))-Q\((time.date.month - 1) / 3 + 1)")
        case .month: .text(String(date.prefix(7)))
        case .week: .text(week(microseconds))
        case .day: .text(date)
        case .hour: .text("\(date)T\(padded(time.hour, 2))")
        }
    }

    static func part(_ part: DatePart, ofDate text: String) -> Value {
        self.part(part, ofTimestamp: start(text))
    }

    static func start(_ date: String) -> Int64 {
        guard case .integer(let start)? = try? FieldType.timestamp.value(from: .string(date + "T00:00:00Z")) else { return 0 }
        return start
    }

    /// The Monday-first week that has the day; the year is its Thursday's.
    private static func week(_ microseconds: Int64) -> String {
        let days = (microseconds - ((microseconds % day) + day) % day) / day
        // 1970-01-01 was a Thursday.
        let sinceMonday = ((days + 3) % 7 + 7) % 7
        let thursday = days - sinceMonday + 3
        let year = CivilTime(microseconds: thursday * day).date.year
        let ordinal = thursday - start("\(padded(year, 4))-01-01") / day
        return "\(padded(year, 4))-W\(padded(Int(ordinal / 7) + 1, 2))"
    }

    static func padded(_ number: Int, _ digits: Int) -> String {
        String(repeating: "0", count: max(0, digits - String(number).count)) + String(number)
    }
}

@Suite struct DatePartTests {
    static let entity = Entity(
        name: "Event", table: "events", path: "events", key: [0],
        fields: [
            Field(name: "id", column: "id", type: .integer), Field(name: "at", column: "at", type: .timestamp),
            Field(name: "day", column: "day", type: .date),
        ])
    static let parts = DatePart.allCases

    private static func timestamp(_ text: String) throws -> Value {
        try FieldType.timestamp.value(from: .string(text))
    }

    /// Each part of each record's field, in the order of the records, the same on every database.
    private static func values(_ field: Int, _ records: [[Value]], _ parts: [DatePart]) async throws -> [[Value]] {
        let values = try await Self.values(field, records, parts, on: .sqlite)
        #expect(try await Self.values(field, records, parts, on: .postgres) == values)
        return values
    }

    private static func values(
        _ field: Int, _ records: [[Value]], _ parts: [DatePart], on kind: DatabaseKind
    ) async throws -> [[Value]] {
        let sample = try await SampleDatabase([entity], on: kind)
        try await sample.insert(records, into: entity)
        let names = ["id"] + parts.map { "\($0.rawValue)(\(entity.fields[field].name))" }
        let request = try AggregateRequestParser.parse(
            [(name: "groupBy", value: names.joined(separator: ","))], at: 0, model: ReadableModel([entity]),
            api: Schema.API(pageSize: 100_000, maxPageSize: 100_000))
        let rows = try await sample.rows(AggregatePlan(request, model: ReadableModel([entity])))
        await sample.close()
        return rows.map { Array($0[1...parts.count]) }
    }

    @Test(arguments: [
        // Leap years, and the years that are none.
        ("2024-02-29T12:00:00Z", 2024, "2024-Q1", "2024-02", "2024-W09", "2024-02-29", "2024-02-29T12"),
        ("2000-02-29T00:00:00Z", 2000, "2000-Q1", "2000-02", "2000-W09", "2000-02-29", "2000-02-29T00"),
        ("1900-03-01T00:00:00Z", 1900, "1900-Q1", "1900-03", "1900-W09", "1900-03-01", "1900-03-01T00"),
        ("2024-12-31T23:59:59.999999Z", 2024, "2024-Q4", "2024-12", "2025-W01", "2024-12-31", "2024-12-31T23"),
        // Year ends, as the standard's weeks have them.
        ("2005-01-01T00:00:00Z", 2005, "2005-Q1", "2005-01", "2004-W53", "2005-01-01", "2005-01-01T00"),
        ("2005-12-31T00:00:00Z", 2005, "2005-Q4", "2005-12", "2005-W52", "2005-12-31", "2005-12-31T00"),
        ("2006-01-01T01:00:00Z", 2006, "2006-Q1", "2006-01", "2005-W52", "2006-01-01", "2006-01-01T01"),
        ("2007-01-01T00:00:00Z", 2007, "2007-Q1", "2007-01", "2007-W01", "2007-01-01", "2007-01-01T00"),
        ("2008-12-28T23:59:59Z", 2008, "2008-Q4", "2008-12", "2008-W52", "2008-12-28", "2008-12-28T23"),
        ("2008-12-29T00:00:00Z", 2008, "2008-Q4", "2008-12", "2009-W01", "2008-12-29", "2008-12-29T00"),
        ("2010-01-03T00:00:00Z", 2010, "2010-Q1", "2010-01", "2009-W53", "2010-01-03", "2010-01-03T00"),
        ("2020-12-31T00:00:00Z", 2020, "2020-Q4", "2020-12", "2020-W53", "2020-12-31", "2020-12-31T00"),
        ("2021-01-03T00:00:00Z", 2021, "2021-Q1", "2021-01", "2020-W53", "2021-01-03", "2021-01-03T00"),
        ("2021-01-04T00:00:00Z", 2021, "2021-Q1", "2021-01", "2021-W01", "2021-01-04", "2021-01-04T00"),
        // Quarters begin with their first moment and end with their last.
        ("2023-03-31T23:59:59.999999Z", 2023, "2023-Q1", "2023-03", "2023-W13", "2023-03-31", "2023-03-31T23"),
        ("2023-04-01T00:00:00Z", 2023, "2023-Q2", "2023-04", "2023-W13", "2023-04-01", "2023-04-01T00"),
        ("2023-09-30T23:59:59.999999Z", 2023, "2023-Q3", "2023-09", "2023-W39", "2023-09-30", "2023-09-30T23"),
        ("2023-10-01T00:00:00Z", 2023, "2023-Q4", "2023-10", "2023-W39", "2023-10-01", "2023-10-01T00"),
        // Around the epoch and before it, to the microsecond.
        ("1970-01-01T00:00:00Z", 1970, "1970-Q1", "1970-01", "1970-W01", "1970-01-01", "1970-01-01T00"),
        ("1970-01-01T00:59:59.999999Z", 1970, "1970-Q1", "1970-01", "1970-W01", "1970-01-01", "1970-01-01T00"),
        ("1969-12-31T23:59:59.999999Z", 1969, "1969-Q4", "1969-12", "1970-W01", "1969-12-31", "1969-12-31T23"),
        ("1969-12-31T23:00:00.000001Z", 1969, "1969-Q4", "1969-12", "1970-W01", "1969-12-31", "1969-12-31T23"),
        ("1969-12-31T22:59:59.999999Z", 1969, "1969-Q4", "1969-12", "1970-W01", "1969-12-31", "1969-12-31T22"),
        ("1969-12-31T00:00:00Z", 1969, "1969-Q4", "1969-12", "1970-W01", "1969-12-31", "1969-12-31T00"),
        ("1969-12-30T23:59:59.999999Z", 1969, "1969-Q4", "1969-12", "1970-W01", "1969-12-30", "1969-12-30T23"),
        // The ends of the calendar.
        ("0001-01-01T00:00:00Z", 1, "0001-Q1", "0001-01", "0001-W01", "0001-01-01", "0001-01-01T00"),
        ("9999-12-31T23:59:59.999999Z", 9999, "9999-Q4", "9999-12", "9999-W52", "9999-12-31", "9999-12-31T23"),
    ])
    func `each part of a time is that of its moment in UTC`(
        _ text: String, _ year: Int, _ quarter: String, _ month: String, _ week: String, _ day: String, _ hour: String
    ) async throws {
        let expected: [Value] = [.integer(Int64(year)), .text(quarter), .text(month), .text(week), .text(day), .text(hour)]
        let record = [.integer(1), try Self.timestamp(text), .text(day)]
        #expect(try await Self.values(1, [record], Self.parts) == [expected])
        #expect(try await Self.values(2, [record], Self.parts.dropLast()) == [Array(expected.dropLast())])
    }

    @Test func `the parts of any time are those that a walk over the days finds`() async throws {
        var random = SplitMix(seed: 31)
        var records: [[Value]] = []
        // Every day around the ends of years, and times from all years to the microsecond.
        for year in 1890...2130 {
            for offset in -5...5 {
                let start = CalendarReference.start("\(year)-01-01") + Int64(offset) * 86_400_000_000
                let date = CivilTime(microseconds: start).date
                let text = "\(date.year)-\(CalendarReference.padded(date.month, 2))-\(CalendarReference.padded(date.day, 2))"
                let within: Int64 = random.pick([0, 1, 999_999, 3_599_999_999, 3_600_000_000, 86_399_999_999])
                records.append([.integer(Int64(records.count)), .integer(start + within), .text(text)])
            }
        }
        for _ in 0..<3_000 {
            let time = Int64.random(in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &random)
            guard case .text(let day) = CalendarReference.part(.day, ofTimestamp: time) else { continue }
            records.append([.integer(Int64(records.count)), .integer(time), .text(day)])
        }
        let expected = records.map { record -> [Value] in
            guard case .integer(let time) = record[1] else { return [] }
            return Self.parts.map { CalendarReference.part($0, ofTimestamp: time) }
        }
        #expect(try await Self.values(1, records, Self.parts) == expected)
        #expect(try await Self.values(2, records, Self.parts.dropLast()) == expected.map { Array($0.dropLast()) })
        // The forms sort as the times do.
        let sorted = records.indices.sorted { records[$0][1].isOrdered(before: records[$1][1]) }
        for (before, after) in zip(sorted, sorted.dropFirst()) {
            for part in Self.parts.indices { #expect(!expected[after][part].isOrdered(before: expected[before][part])) }
        }
    }

    @Test func `the part of nothing is null`() async throws {
        let record: [Value] = [.integer(1), .null, .null]
        #expect(try await Self.values(1, [record], Self.parts) == [Self.parts.map { _ in .null }])
        #expect(try await Self.values(2, [record], Self.parts.dropLast()) == [Self.parts.dropLast().map { _ in .null }])
    }
}

extension SampleDatabase {
    func rows(_ plan: AggregatePlan) async throws -> [[Value]] {
        try await rows(Statement(plan.sql(dialect), plan.shape.parameters))
    }
}
