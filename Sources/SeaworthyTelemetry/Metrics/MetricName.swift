/// What Prometheus takes for names: of metrics `[a-zA-Z_:][a-zA-Z0-9_:]*`, of labels the same without colons.
enum MetricName {
    /// Of a metric's or a label's name; nobody writes a longer one.
    static let maximumBytes = 200
    /// Of one metric; more are no labels but records.
    static let maximumLabels = 16
    /// Of a label's value. A longer one is data of somebody's.
    static let maximumValueBytes = 1024

    static func isMetric(_ name: String) -> Bool {
        isName(name) { $0 == UInt8(ascii: ":") }
    }

    /// Names with two underscores at the beginning are Prometheus' own, and `le` and `quantile` are those of its histograms and summaries.
    static func isLabel(_ name: String) -> Bool {
        isName(name) { _ in false } && !name.hasPrefix("__") && name != "le" && name != "quantile"
    }

    private static func isName(_ name: String, also: (UInt8) -> Bool) -> Bool {
        guard let first = name.utf8.first, !isDigit(first), name.utf8.count <= maximumBytes else { return false }
        return name.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") || also($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
