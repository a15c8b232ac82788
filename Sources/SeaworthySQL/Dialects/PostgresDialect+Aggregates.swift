package import SeaworthySchema

extension PostgresDialect {
    package func datePart(_ part: DatePart, of column: String, _ type: FieldType) -> String {
        let time = type == .timestamp ? "(\(column) AT TIME ZONE 'UTC')" : column
        switch part {
        case .year: return "extract(year FROM \(time))::bigint"
        case .quarter: return "to_char(\(time), 'YYYY\"-Q\"Q')"
        case .month: return "to_char(\(time), 'YYYY-MM')"
        case .week: return "to_char(\(time), 'IYYY\"-W\"IW')"
        case .day: return type == .timestamp ? "\(time)::date" : column
        case .hour: return "to_char(\(time), 'YYYY-MM-DD\"T\"HH24')"
        }
    }

    package func sum(of column: String, _ type: FieldType) -> String {
        switch type {
        case .decimal(_, let scale): scaled("(sum(\(column)) * \(power(scale)))::bigint", scale)
        // The sum of integers is a numeric, which has no end.
        case .integer, .bigint: "sum(\(column))::bigint"
        default: "sum(\(column))"
        }
    }

    package func average(of column: String, _ type: FieldType) -> String {
        type == .double ? "avg(\(column))" : "sum(\(column))::double precision / nullif(count(\(column)), 0)"
    }

    package func extreme(_ extreme: Extreme, of column: String, _ type: FieldType) -> String {
        let name = extreme == .least ? "min" : "max"
        switch type {
        // What the server has no order for in these functions.
        case .boolean: return "\(extreme == .least ? "bool_and" : "bool_or")(\(column))"
        case .uuid: return "\(name)(\(column)::text COLLATE \"C\")::uuid"
        case .bytes: return "decode(\(name)(encode(\(column), 'hex') COLLATE \"C\"), 'hex')"
        default: return "\(name)(\(column))"
        }
    }

    package func roundedAverage(of column: String, scale: Int, furtherDigits: Int) -> String {
        // Twice the digits and the count, so that a half is whole; div drops what is behind the point. The sum itself has to fit.
        let (count, digits) = ("count(\(column))", "(sum(\(column)) * \(power(scale)))::bigint")
        let doubled = "\(digits)::numeric * \(power(furtherDigits)) * 2 + sign(sum(\(column))) * \(count)"
        return scaled("div(\(doubled), nullif(2 * \(count), 0))", scale + furtherDigits)
    }

    private func power(_ exponent: Int) -> String {
        "1" + String(repeating: "0", count: exponent)
    }
}
