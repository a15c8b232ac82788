import Crypto
import FoundationEssentials

/// Makes the bytes of a backup: the head, then chunk after chunk, compressed and, with a key, encrypted.
///
/// Encrypted, a chunk is bound by AES-GCM to its number, to being the last or not, and to the head of its backup; without a key a
/// SHA-256 over the same tells damage, though not who did it.
struct ContainerWriter {
    let header: ContainerHeader
    let keys: DerivedKeys?
    private let headerDigest: [UInt8]
    private var number: UInt64 = 0

    init(key: SymmetricKey?) {
        let salt = [UInt8].random(ContainerHeader.saltBytes)
        let keys = key.map { DerivedKeys($0, salt: salt) }
        header = ContainerHeader(isEncrypted: keys != nil, salt: salt, keyCheck: keys?.check)
        headerDigest = Array(SHA256.hash(data: header.bytes))
        self.keys = keys
    }

    /// The bytes of the next chunk.
    ///
    /// - Parameter plain: at most ``ContainerHeader/chunkBytes``.
    mutating func chunk(_ plain: [UInt8], isLast: Bool = false) throws -> [UInt8] {
        let compressed = Deflate.compress(plain)
        let content = compressed ?? plain
        let head = ChunkHeader(
            number: number, isLast: isLast, isStored: compressed == nil, plainBytes: plain.count, storedBytes: content.count
        ).bytes
        var bytes = head
        bytes.reserveCapacity(head.count + content.count + SHA256.byteCount)
        if let keys {
            let box = try AES.GCM.seal(
                content, using: keys.chunks, nonce: try ContainerCipher.nonce(number), authenticating: headerDigest + head)
            bytes += box.ciphertext
            bytes += box.tag
        } else {
            bytes += content
            bytes += ContainerCipher.digest(headerDigest, head, content[...])
        }
        number += 1
        return bytes
    }

    /// How many chunks were made.
    var chunkCount: Int { Int(number) }
}

enum ContainerCipher {
    static let tagBytes = 16

    /// Counts: the key belongs to this backup alone.
    static func nonce(_ number: UInt64) throws -> AES.GCM.Nonce {
        var bytes: [UInt8] = [0, 0, 0, 0]
        bytes.appendBigEndian(number)
        return try AES.GCM.Nonce(data: bytes)
    }

    static func digest(_ headerDigest: [UInt8], _ head: [UInt8], _ content: ArraySlice<UInt8>) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: headerDigest)
        hash.update(data: head)
        content.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return Array(hash.finalize())
    }
}
