import SeaworthySchema

/// How the values of a column become those of another type.
struct TypeConversion: Sendable {
    /// SQL for a value, of SQL for another.
    typealias Expression = @Sendable (String) -> String

    /// The new value of an expression for the old one. Nil where both store the same.
    let convert: Expression?
    /// Which rows have no such value, by an expression for the old one. Nil where every row has.
    let misfit: Expression?

    init(convert: Expression? = nil, misfit: Expression? = nil) {
        self.convert = convert
        self.misfit = misfit
    }

    static let none = TypeConversion()

    /// An expression that is there on a condition only.
    static func when(_ condition: Bool, _ expression: @escaping Expression) -> Expression? {
        condition ? expression : nil
    }

    /// Conversions that both databases do in their own words: the type's pair says which.
    enum Kind {
        case same
        case limit(largest: Int64)
        case integerToDecimal(precision: Int, scale: Int)
        case integerToDouble(isExact: Bool)
        case decimalToDecimal(from: (Int, Int), to: (Int, Int))
        case decimalToInteger(precision: Int, scale: Int, largest: Int64?)
        case decimalToDouble(precision: Int, scale: Int)
        case decimalToText(scale: Int)
        case doubleToInteger(largest: Int64)
        case doubleToDecimal(precision: Int, scale: Int)
        case numberToText, booleanToText, uuidToText, dateToText, timestampToText, jsonToText
        case booleanToInteger, integerToBoolean
        case dateToTimestamp, timestampToDate
        case textToInteger(largest: Int64?)
        case textToBoolean, textToDate, textToUUID, textToJSON
        case textToWords([String])

        /// Nil for what is not done: a person has to say what it would mean.
        init?(from old: FieldType, to new: FieldType) {
            let largest: Int64? = new == .integer ? FieldType.largestInteger : nil
            switch (old, new) {
            case _ where old == new: self = .same
            case (.enum(let before), .enum(let after)): self = before.allSatisfy(after.contains) ? .same : .textToWords(after)
            case (_, .enum(let words)) where old.isText: self = .textToWords(words)
            case _ where old.isText && new.isText: self = .same
            case (.integer, .bigint): self = .same
            case (.bigint, .integer): self = .limit(largest: FieldType.largestInteger)
            case (.integer, .decimal(let precision, let scale)), (.bigint, .decimal(let precision, let scale)):
                self = .integerToDecimal(precision: precision, scale: scale)
            case (.integer, .double): self = .integerToDouble(isExact: true)
            case (.bigint, .double): self = .integerToDouble(isExact: false)
            case (.integer, .string), (.bigint, .string), (.integer, .text), (.bigint, .text): self = .numberToText
            case (.decimal(let p1, let s1), .decimal(let p2, let s2)): self = .decimalToDecimal(from: (p1, s1), to: (p2, s2))
            case (.decimal(let precision, let scale), .integer), (.decimal(let precision, let scale), .bigint):
                self = .decimalToInteger(precision: precision, scale: scale, largest: precision - scale > 15 ? largest : nil)
            case (.decimal(let precision, let scale), .double): self = .decimalToDouble(precision: precision, scale: scale)
            case (.decimal(_, let scale), .string), (.decimal(_, let scale), .text): self = .decimalToText(scale: scale)
            case (.double, .integer), (.double, .bigint): self = .doubleToInteger(largest: FieldType.largestInteger)
            case (.double, .decimal(let precision, let scale)): self = .doubleToDecimal(precision: precision, scale: scale)
            case (.boolean, .integer), (.boolean, .bigint): self = .booleanToInteger
            case (.integer, .boolean), (.bigint, .boolean): self = .integerToBoolean
            case (.boolean, .string), (.boolean, .text): self = .booleanToText
            case (.date, .timestamp): self = .dateToTimestamp
            case (.timestamp, .date): self = .timestampToDate
            case (.date, .string), (.date, .text): self = .dateToText
            case (.timestamp, .string), (.timestamp, .text): self = .timestampToText
            case (.uuid, .string), (.uuid, .text): self = .uuidToText
            case (.json, .text), (.json, .string), (.array, .text), (.array, .string): self = .jsonToText
            case (.array, .json): self = .same
            case (_, .integer) where old.isText, (_, .bigint) where old.isText: self = .textToInteger(largest: largest)
            case (_, .boolean) where old.isText: self = .textToBoolean
            case (_, .date) where old.isText: self = .textToDate
            case (_, .uuid) where old.isText: self = .textToUUID
            case (_, .json) where old.isText: self = .textToJSON
            default: return nil
            }
        }

        /// Whether some values of the old type are none of the new one.
        var isNarrowing: Bool {
            switch self {
            case .limit, .doubleToInteger, .doubleToDecimal, .integerToBoolean, .timestampToDate, .textToInteger, .textToBoolean,
                .textToDate,
                .textToUUID, .textToJSON, .textToWords:
                true
            case .integerToDecimal(let precision, let scale): precision - scale < 16
            case .integerToDouble(let isExact): !isExact
            case .decimalToDecimal(let old, let new): new.1 < old.1 || new.0 - new.1 < old.0 - old.1
            case .decimalToInteger(_, let scale, let largest): scale > 0 || largest != nil
            case .decimalToDouble(let precision, _): precision > 15
            default: false
            }
        }
    }
}

/// Ten to the power of a small number.
func powerOfTen(_ exponent: Int) -> Int64 {
    (0..<max(exponent, 0)).reduce(1) { power, _ in power * 10 }
}
