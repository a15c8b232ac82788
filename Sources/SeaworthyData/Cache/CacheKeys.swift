import Crypto
import SeaworthyQuery
import SeaworthySchema
import SeaworthyStorage

/// Makes the names by which answers are kept: digests of everything that an answer depends on but the records.
struct CacheKeys: Sendable {
    private let base: [UInt8]

    /// - Parameters:
    ///   - schema: answers of another are others.
    ///   - version: of the server, for the same reason.
    init(_ schema: Schema, version: String) {
        var hash = SHA256()
        hash.update(data: Array(version.utf8) + [0])
        hash.update(data: Array(schema.canonicalJSON.compactText.utf8))
        base = Array(hash.finalize())
    }

    /// - Parameters:
    ///   - operation: such as `list`.
    ///   - identity: of the caller, as far as it matters: ``CacheIdentity``.
    ///   - key: of the record that is asked for.
    ///   - items: the parameters as they came.
    func key(
        _ operation: StaticString, _ entity: Int, _ identity: [UInt8], key: [String] = [], _ items: [(name: String, value: String)]
    ) -> CacheKey {
        var bytes = base
        bytes += identity
        func add(_ text: some StringProtocol) {
            // With its length, so that no two texts are taken for two others.
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: text.utf8.count)) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: text.utf8)
        }
        add(operation.description)
        add(String(entity))
        add(String(key.count))
        for part in key { add(part) }
        for item in items {
            add(item.name)
            add(item.value)
        }
        var digest = SHA256.hash(data: bytes).makeIterator()
        func number() -> UInt64 { (0..<8).reduce(0) { number, _ in number << 8 | UInt64(digest.next() ?? 0) } }
        return CacheKey(high: number(), low: number())
    }

    /// A record's key, short and without what it says.
    static func digest(of key: [Value]) -> String {
        Base64URL.text(of: Array(SHA256.hash(data: CursorPosition.encode(key)).prefix(16)))
    }
}
