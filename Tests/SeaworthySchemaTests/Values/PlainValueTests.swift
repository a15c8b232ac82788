import SeaworthySchema
import SeededNumbers
import Testing

@Suite struct PlainValueTests {
    static func plain(_ type: FieldType, _ text: String) -> Value? {
        Array(text.utf8).withUnsafeBufferPointer(type.plainValue)
    }

    @Test func `the fast way agrees with the slow one wherever it answers`() {
        let types: [FieldType] = [
            .integer, .bigint, .decimal(precision: 18, scale: 0), .decimal(precision: 18, scale: 2), .decimal(precision: 18, scale: 18),
            .decimal(precision: 4, scale: 2), .decimal(precision: 2, scale: 2), .decimal(precision: 15, scale: 0), .boolean, .string, .text,
            .double, .date, .timestamp,
        ]
        let alphabet = Array("0000011223456789999..--+e \0é")
        var random = SplitMix(seed: 2026)
        var answered = 0
        for round in 0..<30_000 {
            let length = Int.random(in: 0...24, using: &random)
            // Mostly numbers, else few texts would be any.
            let digits = round % 3 == 0 ? alphabet : Array("0123456789")
            var text = String((0..<length).map { _ in digits[Int.random(in: 0..<digits.count, using: &random)] })
            if round % 3 == 1, length > 0 {
                text.insert(".", at: text.index(text.startIndex, offsetBy: Int.random(in: 0...length, using: &random)))
            }
            if round % 5 == 0 { text = "-" + text }
            for type in types {
                guard let value = Self.plain(type, text) else { continue }
                answered += 1
                guard type.outcome(ofText: text, isFile: true) == .value(value) else {
                    Issue.record("\(type) \(text): \(value), not \(type.outcome(ofText: text, isFile: true))")
                    return
                }
            }
        }
        #expect(answered > 50_000)
    }

    @Test func `what has a simple form is read the fast way`() {
        let money = FieldType.decimal(precision: 12, scale: 4)
        let cases: [(type: FieldType, text: String, value: Value?)] = [
            (.integer, "0", .integer(0)), (.integer, "-42", .integer(-42)), (.integer, "999999999999999", .integer(999_999_999_999_999)),
            (.integer, "-999999999999999", .integer(-999_999_999_999_999)), (.integer, "1000000000000000", nil), (.integer, "1.0", nil),
            (.bigint, "99999999999999999999999999", nil), (.bigint, "-99999999999999999999999999", nil), (.integer, "", nil),
            (.integer, "-", nil), (.integer, "+1", nil), (money, "32.38", .integer(323_800)), (money, "-32.3800", .integer(-323_800)),
            (money, "32.38001", nil), (money, "99999999", .integer(999_999_990_000)), (money, "99999999.9999", .integer(999_999_999_999)),
            (money, "100000000", nil), (money, "1.", nil), (money, ".5", nil), (money, "1.2.3", nil),
            (.decimal(precision: 18, scale: 2), "1234567890123.45", .integer(123_456_789_012_345)), (.boolean, "1", .integer(1)),
            (.boolean, "0", .integer(0)), (.boolean, "2", nil), (.boolean, "true", nil), (.boolean, "", nil),
            (.string, "", .text("")), (.string, "é", .text("é")), (.text, "a\0", nil), (.double, "1", nil), (.date, "2024-01-01", nil),
        ]
        for (type, text, value) in cases { #expect(Self.plain(type, text) == value, "\(type) \(text)") }
    }

    @Test func `invalid UTF-8 has no plain value`() {
        let bytes: [UInt8] = [0x61, 0xFF]
        #expect(bytes.withUnsafeBufferPointer(FieldType.string.plainValue) == nil)
    }
}
