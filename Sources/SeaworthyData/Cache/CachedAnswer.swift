import NIOCore
import SeaworthySchema
package import SeaworthyStorage

/// An answer to a read as it is kept: its bytes, and what goes into its fields.
struct CachedAnswer: Sendable, Equatable {
    var body: ByteBuffer
    /// The next page of a list.
    var next: RecordPage.Next?
    /// The entity tags of a record.
    var tags: [String] = []

    /// What stands before the body: nodes of another version read no answers of this one, since the version is in their keys.
    var bytes: ByteBuffer {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(body.readableBytes + 64)
        switch next {
        case nil: bytes.writeInteger(0 as UInt8)
        case .page(let number):
            bytes.writeInteger(1 as UInt8)
            bytes.writeInteger(Int64(number))
        case .cursor(let text):
            bytes.writeInteger(2 as UInt8)
            Self.write(text, to: &bytes)
        }
        bytes.writeInteger(UInt8(clamping: tags.count))
        for tag in tags { Self.write(tag, to: &bytes) }
        bytes.writeImmutableBuffer(body)
        return bytes
    }

    init(body: ByteBuffer, next: RecordPage.Next? = nil, tags: [String] = []) {
        self.body = body
        self.next = next
        self.tags = tags
    }

    /// Nil for what is no such answer.
    init?(_ bytes: ByteBuffer) {
        var bytes = bytes
        switch bytes.readInteger(as: UInt8.self) {
        case 0: next = nil
        case 1:
            guard let number = bytes.readInteger(as: Int64.self) else { return nil }
            next = .page(Int(number))
        case 2:
            guard let text = Self.text(from: &bytes) else { return nil }
            next = .cursor(text)
        default: return nil
        }
        guard let count = bytes.readInteger(as: UInt8.self) else { return nil }
        for _ in 0..<count {
            guard let tag = Self.text(from: &bytes) else { return nil }
            tags.append(tag)
        }
        body = bytes
    }

    private static func write(_ text: String, to bytes: inout ByteBuffer) {
        bytes.writeInteger(UInt32(text.utf8.count))
        bytes.writeString(text)
    }

    private static func text(from bytes: inout ByteBuffer) -> String? {
        bytes.readInteger(as: UInt32.self).flatMap { bytes.readString(length: Int($0)) }
    }
}

/// How an answer was come by, for its fields.
package struct CacheReport: Sendable, Equatable {
    package var outcome: CacheOutcome
    /// Since it was made, in whole seconds.
    package var age: Int
}
