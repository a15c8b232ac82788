import SeaworthySchema

/// SQLite keeps decimals as integers of their digits, timestamps as microseconds, booleans as 0 and 1, and the rest as text.
extension SQLiteLanguage {
    func conversion(from old: FieldType, to new: FieldType) -> TypeConversion? {
        guard let kind = TypeConversion.Kind(from: old, to: new) else { return nil }
        switch kind {
        case .same, .uuidToText, .dateToText, .jsonToText: return TypeConversion.none
        case .limit(let largest): return TypeConversion(misfit: { Self.beyond($0, largest) })
        case .integerToDecimal(let precision, let scale):
            let most = powerOfTen(precision - scale)
            return TypeConversion(
                convert: { "\($0) * \(powerOfTen(scale))" }, misfit: { "\($0) >= \(most) OR \($0) <= -\(most)" })
        case .integerToDouble(let isExact):
            return TypeConversion(
                convert: { "CAST(\($0) AS REAL)" }, misfit: TypeConversion.when(!isExact) { Self.beyond($0, FieldType.largestInteger) })
        case .decimalToDecimal(let from, let to): return decimals(from, to)
        case .decimalToInteger(_, let scale, let largest):
            let power = powerOfTen(scale)
            return TypeConversion(
                convert: TypeConversion.when(scale > 0) { "\($0) / \(power)" },
                misfit: { column in
                    let fraction = "\(column) % \(power) <> 0"
                    guard let largest else { return fraction }
                    return "\(fraction) OR \(Self.beyond("(\(column) / \(power))", largest))"
                })
        case .decimalToDouble(let precision, let scale):
            return TypeConversion(
                convert: { "CAST(\($0) AS REAL) / \(powerOfTen(scale))" },
                misfit: TypeConversion.when(precision > 15) { Self.beyond($0, powerOfTen(15) - 1) })
        case .decimalToText(let scale):
            guard scale > 0 else { return TypeConversion(convert: { "CAST(\($0) AS TEXT)" }) }
            let (power, zeros) = (powerOfTen(scale), String(repeating: "0", count: scale))
            return TypeConversion(convert: {
                "CASE WHEN \($0) < 0 THEN '-' ELSE '' END || (abs(\($0)) / \(power)) || '.' || "
                    + "substr('\(zeros)' || (abs(\($0)) % \(power)), -\(scale))"
            })
        case .doubleToInteger(let largest):
            return TypeConversion(
                convert: { "CAST(\($0) AS INTEGER)" },
                misfit: { "\(Self.beyond($0, largest)) OR \($0) <> CAST(\($0) AS INTEGER)" })
        case .doubleToDecimal(let precision, let scale):
            let (power, most) = (powerOfTen(scale), powerOfTen(precision - scale))
            return TypeConversion(
                convert: { "CAST(round(\($0) * \(power)) AS INTEGER)" },
                misfit: { "abs(\($0)) >= \(most) OR round(\($0) * \(power)) / \(power) <> \($0)" })
        case .numberToText: return TypeConversion(convert: { "CAST(\($0) AS TEXT)" })
        case .booleanToText: return TypeConversion(convert: { "CASE \($0) WHEN 1 THEN 'true' WHEN 0 THEN 'false' END" })
        case .booleanToInteger: return TypeConversion(convert: { $0 })
        case .integerToBoolean: return TypeConversion(convert: { $0 }, misfit: { "\($0) NOT IN (0, 1)" })
        case .timestampToText:
            return TypeConversion(convert: { time in
                let rest = "((\(time) % 1000000 + 1000000) % 1000000)"
                return "strftime('%Y-%m-%dT%H:%M:%S', (\(time) - \(rest)) / 1000000, 'unixepoch') || '.' || "
                    + "substr('000000' || \(rest), -6) || 'Z'"
            })
        case .dateToTimestamp: return TypeConversion(convert: { "CAST(strftime('%s', \($0)) AS INTEGER) * 1000000" })
        case .timestampToDate:
            return TypeConversion(
                convert: { "strftime('%Y-%m-%d', \($0) / 1000000, 'unixepoch')" }, misfit: { "\($0) % 86400000000 <> 0" })
        case .textToInteger, .textToBoolean, .textToDate, .textToUUID, .textToJSON, .textToWords: return fromText(kind)
        }
    }

    private func fromText(_ kind: TypeConversion.Kind) -> TypeConversion? {
        switch kind {
        case .textToInteger(let largest):
            return TypeConversion(
                convert: { "CAST(\($0) AS INTEGER)" },
                misfit: { column in
                    let other = "CAST(CAST(\(column) AS INTEGER) AS TEXT) <> \(column)"
                    guard let largest else { return other }
                    return "\(other) OR \(Self.beyond("CAST(\(column) AS INTEGER)", largest))"
                })
        case .textToBoolean:
            return TypeConversion(
                convert: { "CASE \($0) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END" }, misfit: { "\($0) NOT IN ('true', 'false')" })
        case .textToDate: return TypeConversion(misfit: { "\($0) IS NOT NULL AND date(\($0), '+0 days') IS NOT \($0)" })
        case .textToUUID:
            let digits = { (count: Int) in String(repeating: "[0-9a-f]", count: count) }
            let form = [8, 4, 4, 4, 12].map(digits).joined(separator: "-")
            return TypeConversion(convert: { "lower(\($0))" }, misfit: { "lower(\($0)) NOT GLOB '\(form)'" })
        case .textToJSON: return TypeConversion(misfit: { "\($0) IS NOT NULL AND json_valid(\($0)) = 0" })
        case .textToWords(let words):
            let list = words.map(text).joined(separator: ", ")
            return TypeConversion(misfit: { "\($0) NOT IN (\(list))" })
        default: return nil
        }
    }

    private func decimals(_ old: (Int, Int), _ new: (Int, Int)) -> TypeConversion {
        let most = powerOfTen(min(new.0 - new.1 + old.1, 18))
        let isShorter = new.0 - new.1 < old.0 - old.1
        let tooLong: TypeConversion.Expression = { "\($0) >= \(most) OR \($0) <= -\(most)" }
        guard new.1 < old.1 else {
            let power = powerOfTen(new.1 - old.1)
            return TypeConversion(
                convert: TypeConversion.when(new.1 > old.1) { "\($0) * \(power)" }, misfit: TypeConversion.when(isShorter, tooLong))
        }
        let power = powerOfTen(old.1 - new.1)
        return TypeConversion(
            convert: { "\($0) / \(power)" },
            misfit: { column in
                let fraction = "\(column) % \(power) <> 0"
                return isShorter ? "\(fraction) OR \(tooLong(column))" : fraction
            })
    }

    static func beyond(_ expression: String, _ largest: Int64) -> String {
        "\(expression) > \(largest) OR \(expression) < -\(largest)"
    }
}
