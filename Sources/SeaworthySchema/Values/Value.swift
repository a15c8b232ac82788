/// A field's value in its canonical form: what is stored, compared and bound to a statement.
///
/// | field type | form |
/// | --- | --- |
/// | `integer` `bigint` | `.integer` |
/// | `boolean` | `.integer`, 0 or 1 |
/// | `decimal` | `.integer`, scaled by ten to the power of the field's `scale` |
/// | `timestamp` | `.integer`, microseconds since 1970-01-01T00:00:00Z |
/// | `double` | `.double`, never NaN or infinite |
/// | `string` `text` `email` `url` `enum` `uuid` `date` | `.text` (UUIDs in lower case, dates as `YYYY-MM-DD`) |
/// | `json` `array` | `.text`, compact JSON with its members in the order they came |
/// | `bytes` | `.bytes` |
package enum Value: Sendable {
    case null
    case integer(Int64)
    case double(Double)
    case text(String)
    case bytes([UInt8])

    /// Nil for everything but an integer.
    package var integer: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }

    package var isNull: Bool {
        if case .null = self { true } else { false }
    }
}

// Swift's String equality folds NFC and NFD; a stored text equals another only when its bytes do.
extension Value: Hashable {
    package static func == (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.integer(let a), .integer(let b)): a == b
        case (.double(let a), .double(let b)): a == b
        case (.text(let a), .text(let b)): a.hasSameBytes(as: b)
        case (.bytes(let a), .bytes(let b)): a == b
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .integer(let value): hasher.combine(value)
        case .double(let value): hasher.combine(value)
        case .text(let value):
            var value = value
            value.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        case .bytes(let value): hasher.combine(value)
        }
    }
}

extension String {
    /// Whether both hold the same UTF-8 bytes. `==` also holds for canonically equivalent texts, which are different values here.
    package func hasSameBytes(as other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }

    /// Whether this comes before the other by code point, which for UTF-8 is the order of the bytes (`COLLATE "C"`, SQLite's BINARY).
    package func precedes(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }
}
