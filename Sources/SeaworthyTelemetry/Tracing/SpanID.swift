/// The name of a span in its trace: 64 bits, of which not all are zero.
package struct SpanID: Sendable, Hashable {
    let bits: UInt64

    /// Nil where all bits are zero, which is no name.
    init?(bits: UInt64) {
        guard bits != 0 else { return nil }
        self.bits = bits
    }

    /// 16 hexadecimal digits in lower case.
    package var text: String { HexText.text(bits) }
}
