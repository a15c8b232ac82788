package import NIOCore

/// A record as it is stored, for the caller who asked.
package struct StoredRecord: Sendable {
    /// `{"data":{…}}`
    package var body: ByteBuffer
    /// Its entity tags without quotation marks, the one to send first; empty for a part of a record, or one with others.
    package var tags: [String]
    /// Whether the request made it.
    package var isNew = false
    /// How it was come by; nil for what is never kept.
    package var cache: CacheReport?
    /// The key below the collection's path, percent-encoded.
    package var keyPath = ""
}
