import SeaworthySchema
import Testing

@Suite struct TimeValueTests {
    static let day: Int64 = 86_400_000_000

    @Test func `a timestamp is RFC 3339 with at most six digits of fraction, kept as microseconds in UTC`() {
        for (text, time): (String, Int64) in [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.000001Z", 1), ("1969-12-31T23:59:59.999999Z", -1),
            ("1970-01-01t00:00:01z", 1_000_000), ("1970-01-01T00:00:00.1Z", 100_000), ("1970-01-01T00:00:00.120Z", 120_000),
            ("1970-01-01T01:00:00+01:00", 0), ("1969-12-31T23:30:00-00:30", 0), ("1970-01-01T23:59:00+23:59", 0),
            ("1970-01-01T00:00:00-00:00", 0), ("2000-02-29T00:00:00Z", 11_016 * Self.day), ("2024-02-29T00:00:00Z", 19_782 * Self.day),
            ("2024-03-01T00:00:00Z", 19_783 * Self.day), ("1900-03-01T00:00:00Z", -25_508 * Self.day),
            ("1900-02-28T00:00:00Z", -25_509 * Self.day),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000_000), ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
            ("0001-01-01T01:00:00+01:00", -62_135_596_800_000_000), ("2024-07-04T12:30:45.678901Z", 1_720_096_245_678_901),
        ] {
            #expect(FieldType.timestamp.outcome(.string(text)) == .integer(time), "\(text)")
            #expect(FieldType.timestamp.outcome(ofText: text) == .integer(time), "\(text)")
        }
    }

    @Test func `what is no moment is no timestamp`() {
        for text in [
            "", "2024-01-01", "2024-01-01T00:00:00", "2024-01-01T24:00:00Z", "2024-01-01T23:60:00Z", "2024-12-31T23:59:60Z",
            "2024-01-01T00:00:00.1234567Z", "2024-01-01T00:00:00.Z", "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
            "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z", "2024-01-00T00:00:00Z", "2024-01-32T00:00:00Z", "2024-04-31T00:00:00Z",
            "0000-12-31T00:00:00Z", "10000-01-01T00:00:00Z", "2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00+00:60",
            "2024-01-01T00:00:00+0100", "2024-01-01T00:00:00+1:00", "2024-1-01T00:00:00Z", "2024-01-01T0:00:00Z", "2024-01-01T00:00Z",
            "2024-01-01T00:00:00Zx", " 2024-01-01T00:00:00Z", "2024-01-01_00:00:00Z", "0001-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59.999999-00:01", "٢٠٢٤-01-01T00:00:00Z", "-2024-01-01T00:00:00Z",
        ] {
            #expect(FieldType.timestamp.outcome(.string(text)) == .refused(.invalidFormat), "\(text)")
            if !["2024-01-01", "2024-01-01T00:00:00"].contains(text) {
                #expect(FieldType.timestamp.outcome(ofText: text, isFile: true) == .refused(.invalidFormat), "\(text)")
            }
        }
    }

    @Test func `in a file a time without a zone is UTC and a day alone its midnight`() {
        for (text, time): (String, Int64) in [
            ("1970-01-02", Self.day), ("1970-01-02 00:00:01", Self.day + 1_000_000), ("1970-01-02T00:00:00.5", Self.day + 500_000),
            ("1970-01-02T01:00:00+01:00", Self.day), ("1970-01-02T00:00:00Z", Self.day),
        ] {
            #expect(FieldType.timestamp.outcome(ofText: text, isFile: true) == .integer(time), "\(text)")
        }
        #expect(FieldType.timestamp.outcome(ofText: "1970-01-02") == .refused(.invalidFormat))
        #expect(FieldType.timestamp.outcome(ofText: "1970-01-02T00:00:00") == .refused(.invalidFormat))
    }

    @Test func `a timestamp is written in UTC with six digits`() {
        for (time, text): (Int64, String) in [
            (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
            (-62_135_596_800_000_000, "0001-01-01T00:00:00.000000Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"), (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (1_720_096_245_678_901, "2024-07-04T12:30:45.678901Z"),
        ] {
            #expect(FieldType.timestamp.json(.integer(time)) == .string(text))
        }
    }

    @Test func `every day of four centuries is read back as itself, one after another`() throws {
        var expected: Int64 = -25_567 * Self.day
        var days = 0
        for year in 1900..<2300 {
            for month in 1...12 {
                for dayOfMonth in 1...31 {
                    guard let date = CivilDate(year: year, month: month, day: dayOfMonth) else { continue }
                    var text: [UInt8] = []
                    text.write(date: date)
                    let read = try FieldType.timestamp.value(fromText: String(decoding: text, as: UTF8.self), isFile: true)
                    guard read == .integer(expected) else {
                        Issue.record("\(date)")
                        return
                    }
                    #expect(CivilTime(microseconds: expected + Self.day - 1).date == date)
                    expected += Self.day
                    days += 1
                }
            }
        }
        #expect(days == 146_097)
    }

    @Test func `a date is a day that the calendar has`() {
        for text in ["2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31", "2024-12-31", "2024-06-30"] {
            #expect(FieldType.date.outcome(.string(text)) == .text(text))
        }
        for text in [
            "2023-02-29", "1900-02-29", "2100-02-29", "2024-06-31", "2024-12-32", "2024-13-01", "0000-01-01", "10000-01-01", "24-01-01",
            "2024/01/01", "2024-01-01T00:00:00Z", "2024-01-01 ", "", "2024-1-1", "20240101",
        ] {
            #expect(FieldType.date.outcome(.string(text)) == .refused(.invalidFormat), "\(text)")
        }
    }
}
