import SeaworthySchema
import SeededNumbers
import Testing

/// What `String(number)` gives in ECMAScript.
@Suite struct DoubleTextTests {
    static let known: [(Double, String)] = [
        (0, "0"), (-0.0, "0"), (1, "1"), (-1, "-1"), (0.1, "0.1"), (0.1 + 0.2, "0.30000000000000004"), (1.0 / 3, "0.3333333333333333"),
        (4.35, "4.35"), (0.5, "0.5"), (-0.5, "-0.5"), (100, "100"), (1e20, "100000000000000000000"), (1e21, "1e+21"), (1e22, "1e+22"),
        (1.2345678901234568e20, "123456789012345680000"), (1.2345678901234568e21, "1.2345678901234568e+21"),
        (9.999999999999999e20, "999999999999999900000"), (-1e21, "-1e+21"), (1e-6, "0.000001"), (1.5e-6, "0.0000015"),
        (1e-7, "1e-7"), (1.5e-7, "1.5e-7"), (-1e-7, "-1e-7"), (9.999e-7, "9.999e-7"), (.leastNonzeroMagnitude, "5e-324"),
        (2.2250738585072014e-308, "2.2250738585072014e-308"), (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9_007_199_254_740_991, "9007199254740991"), (9_007_199_254_740_992, "9007199254740992"),
        (9_007_199_254_740_994, "9007199254740994"), (-9_007_199_254_740_992, "-9007199254740992"), (1e15, "1000000000000000"),
        (1e16, "10000000000000000"), (1e17, "100000000000000000"), (1.1e16, "11000000000000000"), (123.456, "123.456"),
        (0.000123, "0.000123"), (1e100, "1e+100"), (1.5e300, "1.5e+300"), (12_345.678_9, "12345.6789"),
        (3.141592653589793, "3.141592653589793"),
        (0.00001, "0.00001"), (-Double.leastNonzeroMagnitude, "-5e-324"), (1e-100, "1e-100"), (1.25, "1.25"), (1_000_000.5, "1000000.5"),
        (2.5e20, "250000000000000000000"), (1.23e-5, "0.0000123"),
    ]

    @Test func `a double is written in ECMAScript's shortest form`() {
        #expect(Self.known.count >= 40)
        for (number, text) in Self.known {
            #expect(number.ecmaScriptText == text)
            #expect(FieldType.double.json(.double(number)) == .number(text))
        }
    }

    @Test func `every double is read back as the same double`() throws {
        var random = SplitMix(seed: 7)
        for _ in 0..<5_000 {
            let number = Double(bitPattern: random.next())
            guard number.isFinite else { continue }
            let json = FieldType.double.json(.double(number))
            #expect(try FieldType.double.value(from: json) == .double(number))
        }
    }
}
