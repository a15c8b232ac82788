package import NIOCore

/// A value of Redis' protocol, of RESP2 or RESP3.
/// <https://redis.io/docs/latest/develop/reference/protocol-spec/>
package indirect enum RESPValue: Sendable, Hashable {
    case null
    /// A simple, bulk or verbatim string, or a big number; a verbatim one without its format.
    case text(ByteBuffer)
    case integer(Int64)
    case double(Double)
    case boolean(Bool)
    /// Top-level or within an array, as a transaction's results have it.
    case failure(RedisReplyError)
    /// An array or a set.
    case array([RESPValue])
    /// Names and values by turns, in the order in which they came; RESP2 has an array in its place.
    case map([RESPValue])
    /// What the server says without being asked; RESP3 only.
    case push([RESPValue])
}

extension RESPValue {
    /// The bytes of a text; nil for anything else.
    package var bytes: ByteBuffer? {
        if case .text(let bytes) = self { bytes } else { nil }
    }

    /// The text of a text; nil for anything else.
    package var string: String? { bytes.map { String(buffer: $0) } }

    /// An integer, also where RESP2 sends it as text.
    package var int: Int64? {
        switch self {
        case .integer(let number): number
        case .text(let bytes): Int64(String(buffer: bytes))
        default: nil
        }
    }

    package var isNull: Bool { self == .null }

    /// The elements of an array, set or push.
    package var elements: [RESPValue]? {
        switch self {
        case .array(let elements), .push(let elements): elements
        default: nil
        }
    }

    /// The value by a name, of a map or of what RESP2 sends in its place.
    package subscript(name: String) -> RESPValue? {
        let pairs: [RESPValue]
        switch self {
        case .map(let members), .array(let members): pairs = members
        default: return nil
        }
        for index in stride(from: 0, to: pairs.count - 1, by: 2) where pairs[index].string == name { return pairs[index + 1] }
        return nil
    }
}
