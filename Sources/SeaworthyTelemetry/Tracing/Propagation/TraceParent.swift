/// `traceparent`, the trace that a request belongs to. <https://www.w3.org/TR/trace-context/#traceparent-header>
enum TraceParent {
    static let name = "traceparent"
    private static let length = 55

    /// Nil for what is none: then a request begins a trace of its own.
    static func parse(_ text: String) -> TraceContext? {
        let bytes = Array(text.utf8)
        guard bytes.count >= length, [2, 35, 52].allSatisfy({ bytes[$0] == UInt8(ascii: "-") }),
            let version = HexText.number(bytes[0..<2]), version != 0xFF,
            // A later version may say more behind a dash; this one says nothing more.
            bytes.count == length || (version > 0 && bytes[length] == UInt8(ascii: "-")),
            let high = HexText.number(bytes[3..<19]), let low = HexText.number(bytes[19..<35]), let traceID = TraceID(high: high, low: low),
            let bits = HexText.number(bytes[36..<52]), let spanID = SpanID(bits: bits),
            let flags = HexText.number(bytes[53..<55])
        else { return nil }
        return TraceContext(
            traceID: traceID, spanID: spanID, flags: TraceFlags(rawValue: UInt8(flags)).intersection(.known), isRemote: true)
    }

    static func text(_ context: TraceContext) -> String {
        "00-\(context.traceID.text)-\(context.spanID.text)-0\(context.flags.intersection(.known).rawValue)"
    }
}
