import Crypto
import SeaworthyQuery
import SeaworthySchema

/// Entity tags of stored records (RFC 9110 section 8.8.3): a keyed hash of every stored value, so that a tag tells nothing of what a
/// caller does not see, and changes with any of it.
///
/// HMAC-SHA256 (RFC 2104) cut to 128 bits, keys by HKDF-SHA256 (RFC 5869) from the application's secret keys. The first key's tag is
/// given out, those of all are known.
struct RecordTags: Sendable {
    /// Each with its key worked in already, and copied for each tag.
    private let codes: [HMAC<SHA256>]

    init(secretKeys: [[UInt8]]) {
        codes = DerivedKeys.keys(secretKeys, for: "etag").map { HMAC(key: $0) }
    }

    /// The tags of a record, without quotation marks; the first is the one to send.
    ///
    /// - Parameter visible: the fields that the caller sees: another's answer is another representation.
    func tags(of record: [Value], entity: Entity, visible: Set<Int>) -> [String] {
        var bytes = Array(entity.name.utf8) + [0]
        for field in entity.fields.indices { bytes.append(visible.contains(field) ? 1 : 0) }
        bytes += CursorPosition.encode(record)
        return codes.map { code in
            var code = code
            code.update(data: bytes)
            return Base64URL.text(of: Array(code.finalize()).prefix(16))
        }
    }
}

/// The conditions of a request on the stored record (RFC 9110 section 13.1).
package struct RecordCondition: Sendable {
    /// Whether a condition names an entity tag, given without its quotation marks; `*` names every one.
    package typealias Test = @Sendable (_ tag: String) -> Bool

    package var ifMatch: Test?
    package var ifNoneMatch: Test?

    package init(ifMatch: Test? = nil, ifNoneMatch: Test? = nil) {
        self.ifMatch = ifMatch
        self.ifNoneMatch = ifNoneMatch
    }

    package static let none = RecordCondition()

    /// Whether a write may go on.
    ///
    /// - Parameter tags: the stored record's; nil when there is none.
    func allowsWrite(_ tags: [String]?) -> Bool {
        if let ifMatch, !(tags?.contains(where: ifMatch) ?? false) { return false }
        if let ifNoneMatch, tags?.contains(where: ifNoneMatch) ?? false { return false }
        return true
    }
}
