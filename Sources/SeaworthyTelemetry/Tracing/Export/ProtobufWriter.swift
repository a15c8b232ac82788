/// Writes messages of Protocol Buffers: as much of the format as OTLP needs. <https://protobuf.dev/programming-guides/encoding/>
///
/// What has its default is left out, as proto3 has it, but within a `oneof`.
struct ProtobufWriter {
    private enum WireType: UInt64 {
        case varint = 0
        case fixed64 = 1
        case length = 2
        case fixed32 = 5
    }

    private(set) var bytes: [UInt8] = []

    private mutating func key(_ field: UInt64, _ type: WireType) {
        varint(field << 3 | type.rawValue)
    }

    private mutating func varint(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// - Parameter isOneOf: also zero is written.
    mutating func write(_ field: UInt64, varint number: UInt64, isOneOf: Bool = false) {
        guard number != 0 || isOneOf else { return }
        key(field, .varint)
        varint(number)
    }

    mutating func write(_ field: UInt64, fixed64 number: UInt64, isOneOf: Bool = false) {
        guard number != 0 || isOneOf else { return }
        key(field, .fixed64)
        append(number)
    }

    mutating func write(_ field: UInt64, fixed32 number: UInt32) {
        guard number != 0 else { return }
        key(field, .fixed32)
        append(number)
    }

    private mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func write(_ field: UInt64, text: String, isOneOf: Bool = false) {
        guard !text.isEmpty || isOneOf else { return }
        key(field, .length)
        varint(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// Words in the order of the network.
    mutating func write(_ field: UInt64, words: UInt64...) {
        key(field, .length)
        varint(UInt64(words.count * 8))
        for word in words { withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) } }
    }

    /// A message within this one.
    mutating func write(_ field: UInt64, _ body: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        body(&inner)
        key(field, .length)
        varint(UInt64(inner.bytes.count))
        bytes.append(contentsOf: inner.bytes)
    }
}
