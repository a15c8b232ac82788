/// Durations as settings and the schema write them: a whole number and one unit, `500ms`, `30s`, `15m`, `1h`, `7d`.
package enum DurationText {
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        // `ms` before `m` and `s`, which it ends in or begins with.
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// Nil for anything else, for a missing unit, and for more than about 292 million years.
    package static func parse(_ text: String) -> Duration? {
        for unit in units where text.hasSuffix(unit.suffix) {
            guard let count = WholeNumber.parse(text.dropLast(unit.suffix.count)) else { continue }
            let (milliseconds, overflow) = Int64(count).multipliedReportingOverflow(by: unit.milliseconds)
            return overflow ? nil : .milliseconds(milliseconds)
        }
        return nil
    }

    /// The shortest way to write it: `90s`, `2m`.
    package static func render(_ duration: Duration) -> String {
        let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        guard milliseconds > 0, let unit = units.last(where: { milliseconds % $0.milliseconds == 0 }) else { return "0s" }
        return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
    }
}

/// Digits only: no sign, no separators, no spaces, nothing that does not fit.
package enum WholeNumber {
    package static func parse(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else { return nil }
        return Int(text)
    }
}
