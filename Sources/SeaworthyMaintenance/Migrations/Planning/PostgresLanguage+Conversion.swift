import SeaworthySchema

extension PostgresLanguage {
    func conversion(from old: FieldType, to new: FieldType) -> TypeConversion? {
        guard let kind = TypeConversion.Kind(from: old, to: new) else { return nil }
        switch kind {
        case .same: return TypeConversion.none
        case .limit(let largest): return TypeConversion(misfit: { SQLiteLanguage.beyond($0, largest) })
        case .integerToDecimal(let precision, let scale):
            let most = powerOfTen(precision - scale)
            return TypeConversion(
                convert: Self.cast("numeric(\(precision), \(scale))"), misfit: { "\($0) >= \(most) OR \($0) <= -\(most)" })
        case .integerToDouble(let isExact):
            return TypeConversion(
                convert: Self.cast("double precision"),
                misfit: TypeConversion.when(!isExact) { SQLiteLanguage.beyond($0, FieldType.largestInteger) })
        case .decimalToDecimal(let from, let to):
            let most = powerOfTen(to.0 - to.1)
            let tooLong = to.0 - to.1 < from.0 - from.1
            guard kind.isNarrowing else { return TypeConversion(convert: Self.cast("numeric(\(to.0), \(to.1))")) }
            return TypeConversion(
                convert: Self.cast("numeric(\(to.0), \(to.1))"),
                misfit: { column in
                    let fraction = "round(\(column), \(to.1)) <> \(column)"
                    return tooLong ? "\(fraction) OR abs(\(column)) >= \(most)" : fraction
                })
        case .decimalToInteger(_, _, let largest):
            return TypeConversion(
                convert: Self.cast("bigint"),
                misfit: { column in
                    let fraction = "trunc(\(column)) <> \(column)"
                    guard let largest else { return fraction }
                    return "\(fraction) OR abs(\(column)) > \(largest)"
                })
        case .decimalToDouble(let precision, let scale):
            return TypeConversion(
                convert: Self.cast("double precision"),
                misfit: TypeConversion.when(precision > 15) { "abs(\($0) * \(powerOfTen(scale))) >= \(powerOfTen(15))" })
        case .doubleToInteger(let largest):
            return TypeConversion(
                convert: Self.cast("bigint"), misfit: { "\(SQLiteLanguage.beyond($0, largest)) OR trunc(\($0)) <> \($0)" })
        case .doubleToDecimal(let precision, let scale):
            let most = powerOfTen(precision - scale)
            return TypeConversion(
                convert: { "round(\($0)::numeric, \(scale))" },
                misfit: { "abs(\($0)) >= \(most) OR round(\($0)::numeric, \(scale))::double precision <> \($0)" })
        case .numberToText, .decimalToText, .booleanToText, .uuidToText, .jsonToText: return TypeConversion(convert: Self.cast("text"))
        case .dateToText: return TypeConversion(convert: { "to_char(\($0), 'YYYY-MM-DD')" })
        case .timestampToText:
            return TypeConversion(convert: { "to_char(\($0) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')" })
        case .booleanToInteger: return TypeConversion(convert: { "\($0)::integer::bigint" })
        case .integerToBoolean: return TypeConversion(convert: { "\($0) <> 0" }, misfit: { "\($0) NOT IN (0, 1)" })
        case .dateToTimestamp: return TypeConversion(convert: { "\($0)::timestamp AT TIME ZONE 'UTC'" })
        case .timestampToDate:
            return TypeConversion(
                convert: { "(\($0) AT TIME ZONE 'UTC')::date" },
                misfit: { "(\($0) AT TIME ZONE 'UTC')::time <> '00:00'" })
        case .textToInteger, .textToBoolean, .textToDate, .textToUUID, .textToJSON, .textToWords: return fromText(kind)
        }
    }

    private func fromText(_ kind: TypeConversion.Kind) -> TypeConversion? {
        switch kind {
        case .textToInteger(let largest):
            let most = largest ?? .max
            return TypeConversion(
                convert: Self.cast("bigint"),
                misfit: { column in
                    "CASE WHEN \(column) !~ '^(0|-?[1-9][0-9]{0,18})$' THEN true ELSE \(SQLiteLanguage.beyond("\(column)::numeric", most)) END"
                })
        case .textToBoolean: return TypeConversion(convert: { "\($0) = 'true'" }, misfit: { "\($0) NOT IN ('true', 'false')" })
        // That there is such a day the conversion itself says.
        case .textToDate:
            return TypeConversion(convert: Self.cast("date"), misfit: { "\($0) !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'" })
        case .textToUUID:
            return TypeConversion(
                convert: Self.cast("uuid"),
                misfit: { "lower(\($0)) !~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'" })
        case .textToJSON: return TypeConversion(convert: Self.cast("json"))
        case .textToWords(let words):
            let list = words.map(text).joined(separator: ", ")
            return TypeConversion(misfit: { "\($0) NOT IN (\(list))" })
        default: return nil
        }
    }

    private static func cast(_ type: String) -> @Sendable (String) -> String {
        { "\($0)::\(type)" }
    }
}
