/// The keys of `SECRET_KEYS`. Never shown: printed, dumped or reflected it says only how many there are.
package struct SecretKeys: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Bytes a key must have.
    package static let minimumBytes = 32

    /// Signs and encrypts. At least 32 bytes.
    package let first: [UInt8]
    /// Verify and decrypt: the first, then the older ones.
    package let all: [[UInt8]]

    init(first: [UInt8], older: [[UInt8]] = []) {
        self.first = first
        self.all = [first] + older
    }

    package var description: String { "SecretKeys(\(all.count), redacted)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
