/// The text that is scraped.
struct MetricsText {
    let format: MetricsFormat
    private(set) var bytes: [UInt8] = []

    init(_ format: MetricsFormat) {
        self.format = format
    }

    mutating func head(_ name: String, _ kind: MetricKind, help: String) {
        // There a counter's samples end in what its name does not.
        let name = format == .openMetrics && kind == .counter && name.hasSuffix("_total") ? String(name.dropLast(6)) : name
        bytes.append(contentsOf: "# HELP \(name) ".utf8)
        Self.escape(help, quotes: false, into: &bytes)
        bytes.append(contentsOf: "\n# TYPE \(name) \(kind.rawValue)\n".utf8)
    }

    /// - Parameter labels: as ``labels(_:)`` writes them.
    mutating func sample(_ name: String, _ labels: String, _ value: UInt64) {
        line(name, labels, String(value))
    }

    mutating func sample(_ name: String, _ labels: String, _ value: Double) {
        line(name, labels, Self.number(value))
    }

    /// `le` comes last.
    mutating func bucket(_ name: String, _ labels: String, bound: String, _ count: UInt64, _ exemplar: Exemplar? = nil) {
        let others = labels.isEmpty ? "" : "\(labels.dropFirst().dropLast()),"
        line(name + "_bucket", "{\(others)le=\"\(bound)\"}", String(count) + (exemplar.map(text) ?? ""))
    }

    private func text(_ exemplar: Exemplar) -> String {
        guard format == .openMetrics else { return "" }
        let milliseconds = String(1000 + exemplar.time % 1000).dropFirst()
        return
            " # {trace_id=\"\(exemplar.traceID.text)\",span_id=\"\(exemplar.spanID.text)\"} \(Self.number(exemplar.value)) \(exemplar.time / 1000).\(milliseconds)"
    }

    /// Nothing comes behind it.
    mutating func end() {
        if format == .openMetrics { bytes.append(contentsOf: "# EOF\n".utf8) }
    }

    private mutating func line(_ name: String, _ labels: String, _ value: String) {
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: labels.utf8)
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: value.utf8)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// `{name="value",…}`, or nothing without labels.
    static func labels(_ labels: [(String, String)]) -> String {
        guard !labels.isEmpty else { return "" }
        var bytes: [UInt8] = []
        for (name, value) in labels {
            bytes.append(bytes.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
            bytes.append(contentsOf: "\(name)=\"".utf8)
            escape(value, quotes: true, into: &bytes)
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// As Go reads it: whole numbers without a fraction, `+Inf`, `-Inf`, `NaN`.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? "\(value)"
    }

    private static func escape(_ text: String, quotes: Bool, into bytes: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\"#.utf8)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: #"\n"#.utf8)
            case UInt8(ascii: "\"") where quotes: bytes.append(contentsOf: #"\""#.utf8)
            default: bytes.append(byte)
            }
        }
    }
}
