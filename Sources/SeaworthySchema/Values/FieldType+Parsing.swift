import FoundationEssentials

extension FieldType {
    /// The largest integer that every JSON reader keeps exactly: 2^53−1 (RFC 8259 section 6).
    package static let largestInteger: Int64 = 9_007_199_254_740_991

    /// The value that a JSON value stands for. JSON null is ``Value/null`` for every type.
    package func value(from json: JSONValue) throws(ValueProblem) -> Value {
        if case .null = json { return .null }
        switch (self, json) {
        case (.json, _): return .text(try withoutNUL(json.compactText, escaped: true))
        case (.array(let element), .array(let elements)):
            var stored: [UInt8] = [UInt8(ascii: "[")]
            for (index, item) in elements.enumerated() {
                if case .null = item { throw ValueProblem(.wrongType, "element \(index) is null; expected \(element.expectation)") }
                do {
                    let value = try element.value(from: item)
                    if index > 0 { stored.append(UInt8(ascii: ",")) }
                    element.write(value, into: &stored)
                } catch {
                    throw ValueProblem(error.code, "element \(index): \(error.detail)")
                }
            }
            stored.append(UInt8(ascii: "]"))
            return .text(String(decoding: stored, as: UTF8.self))
        case (.boolean, .bool(let flag)): return .integer(flag ? 1 : 0)
        case (.integer, .number(let digits)), (.bigint, .number(let digits)), (.double, .number(let digits)),
            (.decimal, .number(let digits)):
            return try number(digits)
        case (.bigint, .string(let text)), (.decimal, .string(let text)): return try number(text)
        case (.string, .string(let text)), (.text, .string(let text)), (.email, .string(let text)), (.url, .string(let text)),
            (.date, .string(let text)), (.uuid, .string(let text)), (.enum, .string(let text)), (.bytes, .string(let text)):
            return try value(fromWord: text, zone: .required)
        case (.timestamp, .string(let text)): return try value(fromWord: text, zone: .required)
        default: throw ValueProblem(.wrongType, "is \(json.kind); expected \(expectation)")
        }
    }

    /// The value that a text stands for, where there are only texts: a query parameter or a cell of a CSV file.
    ///
    /// - Parameter isFile: a file's conventions apply: a time without a zone is UTC.
    package func value(fromText text: String, isFile: Bool = false) throws(ValueProblem) -> Value {
        switch self {
        case .boolean:
            switch text {
            case "true", "1": return .integer(1)
            case "false", "0": return .integer(0)
            default: throw ValueProblem(.invalidFormat, "is not a boolean; expected true or false")
            }
        case .integer, .bigint, .double, .decimal: return try number(text)
        case .json, .array:
            let json: JSONValue
            do {
                json = try JSONParser.parse(text)
            } catch {
                throw ValueProblem(.invalidFormat, "is not JSON: \(error)")
            }
            return try value(from: json)
        default: return try value(fromWord: text, zone: isFile ? .assumedUTC : .required)
        }
    }

    /// What is expected, for messages.
    package var expectation: String {
        switch self {
        case .string, .text: "a string"
        case .email: "an e-mail address"
        case .url: "an absolute http or https URL"
        case .integer: "a whole number between −(2^53−1) and 2^53−1"
        case .bigint: "a string with a 64-bit integer"
        case .double: "a number"
        case .decimal(let precision, let scale):
            "a string with a decimal number of at most \(precision) digits, \(scale) of them after the point"
        case .boolean: "true or false"
        case .date: "a date as YYYY-MM-DD"
        case .timestamp: "a time as RFC 3339 has it, at most microseconds, like 2024-07-04T12:30:00.000000Z"
        case .uuid: "a UUID"
        case .enum(let values): "one of " + values.map { "«\($0)»" }.joined(separator: ", ")
        case .json: "any JSON"
        case .array(let element): "an array; each element \(element.expectation)"
        case .bytes: "bytes in base64 (RFC 4648 section 4, with padding)"
        }
    }

    private func number(_ text: String) throws(ValueProblem) -> Value {
        switch self {
        case .double:
            guard DecimalText(text, allowsExponent: true) != nil, let number = Double(text) else {
                throw ValueProblem(.invalidFormat, "is not a number")
            }
            guard number.isFinite else { throw ValueProblem(.outOfRange, "is beyond what a 64-bit floating-point number holds") }
            return .double(number)
        case .decimal(let precision, let scale):
            guard let digits = DecimalText(text, allowsExponent: false) else {
                throw ValueProblem(.invalidFormat, "is not a decimal number; expected \(expectation)")
            }
            guard digits.scale <= scale else {
                throw ValueProblem(.outOfRange, "has \(digits.scale) digits after the point; at most \(scale) are kept")
            }
            guard let number = digits.scaled(to: scale), number.magnitude < Self.powersOfTen[precision] else {
                throw ValueProblem(.outOfRange, "has too many digits; expected \(expectation)")
            }
            return .integer(number)
        default:
            guard let digits = DecimalText(text, allowsExponent: self == .integer) else {
                throw ValueProblem(.invalidFormat, "is not a whole number")
            }
            guard let number = digits.scaled(to: 0) else {
                throw digits.scale > 0
                    ? ValueProblem(.wrongType, "is not a whole number")
                    : ValueProblem(.outOfRange, "is out of range; expected \(expectation)")
            }
            guard self == .bigint || number.magnitude <= Self.largestInteger.magnitude else {
                throw ValueProblem(.outOfRange, "is out of range; expected \(expectation)")
            }
            return .integer(number)
        }
    }

    /// 10^0 to 10^18, the largest power of ten in 64 bits.
    private static let powersOfTen: [UInt64] = (0...18).map { exponent in (0..<exponent).reduce(1) { power, _ in power * 10 } }

    private func value(fromWord text: String, zone: TimeText.Zone) throws(ValueProblem) -> Value {
        switch self {
        case .date:
            guard TimeText.date(text) != nil else { throw ValueProblem(.invalidFormat, "is not a date; expected \(expectation)") }
            return .text(text)
        case .timestamp:
            guard let time = TimeText.timestamp(text, zone: zone) else {
                throw ValueProblem(.invalidFormat, "is not a timestamp; expected \(expectation)")
            }
            return .integer(time)
        case .uuid:
            guard Self.isUUID(text) else { throw ValueProblem(.invalidFormat, "is not a UUID") }
            return .text(text.lowercased())
        case .bytes:
            guard Self.isBase64(text), let data = Data(base64Encoded: text) else {
                throw ValueProblem(.invalidFormat, "is not base64; expected \(expectation)")
            }
            return .bytes(Array(data))
        case .enum(let values):
            guard values.contains(where: text.hasSameBytes) else {
                throw ValueProblem(.notAllowed, "is not an allowed value; expected \(expectation)")
            }
            return .text(text)
        case .email:
            guard Self.isEmail(text) else { throw ValueProblem(.invalidFormat, "is not an e-mail address") }
            return .text(try withoutNUL(text))
        case .url:
            guard Self.isURL(text) else { throw ValueProblem(.invalidFormat, "is not \(expectation)") }
            return .text(try withoutNUL(text))
        default: return .text(try withoutNUL(text))
        }
    }

    private func withoutNUL(_ text: String, escaped: Bool = false) throws(ValueProblem) -> String {
        // Within JSON a NUL hides as an escape, which PostgreSQL refuses as well.
        let hasNUL = escaped ? Self.hasEscapedNUL(text) : text.utf8.contains(0)
        guard !hasNUL else { throw ValueProblem(.nulCharacter, "contains the character U+0000, which cannot be stored") }
        return text
    }

    /// Whether `\u0000` stands as an escape, not as a backslash that is itself escaped.
    private static func hasEscapedNUL(_ text: String) -> Bool {
        var bytes = text.utf8[...]
        while let byte = bytes.popFirst() {
            guard byte == UInt8(ascii: "\\") else { continue }
            if bytes.starts(with: "u0000".utf8) { return true }
            bytes = bytes.dropFirst()
        }
        return false
    }

    /// Whether the text is whole groups of four with its padding at the end: Foundation reads `====` as a byte.
    private static func isBase64(_ text: String) -> Bool {
        let digits = text.utf8.reversed().drop { $0 == UInt8(ascii: "=") }
        return text.utf8.count % 4 == 0 && text.utf8.count - digits.count <= 2 && !digits.contains(UInt8(ascii: "="))
    }

    private static func isUUID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return false }
        return bytes.enumerated().allSatisfy { index, byte in
            switch index {
            case 8, 13, 18, 23: byte == UInt8(ascii: "-")
            default: Unicode.Scalar(byte).properties.isASCIIHexDigit
            }
        }
    }

    /// One `@` with something before it and a domain of letters, digits, hyphens and dots after it; at most 254 bytes (RFC 5321
    /// section 4.5.3). Whether it exists only a mail tells.
    private static func isEmail(_ text: String) -> Bool {
        guard text.utf8.count <= 254, !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else { return false }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, parts[0].utf8.count <= 64 else { return false }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            !label.isEmpty && label.utf8.count <= 63 && label.first != "-" && label.last != "-"
                && label.unicodeScalars.allSatisfy { $0 == "-" || $0.properties.isAlphabetic || $0.properties.numericType != nil }
        }
    }

    private static func isURL(_ text: String) -> Bool {
        let lower = text.lowercased()
        guard lower.hasPrefix("http://") || lower.hasPrefix("https://"), !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            return false
        }
        let host = text.drop { $0 != "/" }.dropFirst(2).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return !host.isEmpty && host.first != ":"
    }
}
