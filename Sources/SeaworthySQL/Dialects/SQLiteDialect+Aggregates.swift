package import SeaworthySchema

extension SQLiteDialect {
    package func datePart(_ part: DatePart, of column: String, _ type: FieldType) -> String {
        // The arguments that its date functions take for the column (https://sqlite.org/lang_datefunc.html).
        let time: String
        if type == .timestamp {
            // Whole seconds, rounded down: division alone would take times before 1970 up.
            time = "(\(column) - (\(column) % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch'"
        } else {
            time = column
        }
        let year = "strftime('%Y', \(time))"
        switch part {
        case .year: return "CAST(\(year) AS INTEGER)"
        case .quarter: return "\(year) || '-Q' || ((strftime('%m', \(time)) + 2) / 3)"
        case .month: return "strftime('%Y-%m', \(time))"
        case .week:
            // %G and %V come with SQLite 3.46. The week's Thursday: three days back, and on to the next Thursday.
            let thursday = "\(time), '-3 days', 'weekday 4'"
            return "strftime('%Y', \(thursday)) || '-W' || substr('0' || ((strftime('%j', \(thursday)) + 6) / 7), -2)"
        case .day: return type == .timestamp ? "strftime('%Y-%m-%d', \(time))" : column
        case .hour: return "strftime('%Y-%m-%dT%H', \(time))"
        }
    }

    package func sum(of column: String, _ type: FieldType) -> String { "sum(\(column))" }

    package func average(of column: String, _ type: FieldType) -> String { "avg(\(column))" }

    package func extreme(_ extreme: Extreme, of column: String, _ type: FieldType) -> String {
        "\(extreme == .least ? "min" : "max")(\(column))"
    }

    package func roundedAverage(of column: String, scale: Int, furtherDigits: Int) -> String {
        let factor = (0..<furtherDigits).reduce(Int64(1)) { power, _ in power * 10 }
        let (sum, count) = ("sum(\(column))", "count(\(column))")
        // Integers only, so that no digit is lost: the whole part, and the rest rounded half away from zero.
        return "\(sum) / \(count) * \(factor) + "
            + "(\(sum) % \(count) * \(2 * factor) + CASE WHEN \(sum) < 0 THEN -\(count) ELSE \(count) END) / (2 * \(count))"
    }
}
