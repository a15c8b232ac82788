import Crypto
package import NIOCore
import SeaworthySchema

/// Tells one request from another: SHA-256 of its method, its target, the media type of its body, and the body as it came.
package struct RequestFingerprint: Sendable, Equatable {
    /// In base64url.
    let text: String
    let bodyBytes: Int

    package init(method: String, target: String, mediaType: String, body: ByteBuffer) {
        var hash = Self.beginning(method, target, mediaType)
        body.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        self.init(hash, body.readableBytes)
    }

    /// Reads a body that is not in memory.
    package init(method: String, target: String, mediaType: String, body: any ImportSource) throws {
        var hash = Self.beginning(method, target, mediaType)
        var count = 0
        let next = try body.open()
        while let piece = try next() {
            hash.update(data: piece)
            count += piece.count
        }
        self.init(hash, count)
    }

    private init(_ hash: SHA256, _ bodyBytes: Int) {
        text = Base64URL.text(of: Array(hash.finalize()))
        self.bodyBytes = bodyBytes
    }

    /// Each part behind its length, so that none goes over into the next.
    private static func beginning(_ parts: String...) -> SHA256 {
        var hash = SHA256()
        for part in parts {
            withUnsafeBytes(of: UInt64(part.utf8.count).bigEndian) { hash.update(bufferPointer: $0) }
            hash.update(data: Array(part.utf8))
        }
        return hash
    }
}
