/// The name of a trace: 128 bits, of which not all are zero.
package struct TraceID: Sendable, Hashable {
    let high: UInt64
    let low: UInt64

    /// Nil where all bits are zero, which is no name.
    init?(high: UInt64, low: UInt64) {
        guard high != 0 || low != 0 else { return nil }
        self.high = high
        self.low = low
    }

    /// 32 hexadecimal digits in lower case.
    package var text: String { HexText.text(high, low) }
}
