import Crypto
import FoundationEssentials

/// Reads the bytes of a backup, however they are cut into pieces, and refuses what is not as it was written.
struct ContainerReader {
    private let name: String
    private let given: BackupKeys?
    private var buffer: [UInt8] = []
    private var start = 0
    private var header: ContainerHeader?
    private var headerDigest: [UInt8] = []
    private var keys: DerivedKeys?
    private var number: UInt64 = 0
    private var hasEnded = false

    /// - Parameter name: what errors call the backup.
    init(name: String, keys: BackupKeys?) {
        self.name = name
        given = keys
    }

    mutating func append(_ piece: [UInt8]) {
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer += piece
    }

    /// What the next chunk holds; nil when more bytes are needed for it.
    mutating func next() throws(BackupError) -> [UInt8]? {
        if header == nil {
            guard buffer.count - start >= ContainerHeader.byteCount else { return nil }
            try open()
        }
        guard let header, !hasEnded, buffer.count - start >= ChunkHeader.byteCount else { return nil }
        let headBytes = buffer[start..<start + ChunkHeader.byteCount]
        guard let head = ChunkHeader(headBytes, chunkBytes: header.chunkBytes) else { throw damaged() }
        let sealBytes = keys == nil ? SHA256.byteCount : ContainerCipher.tagBytes
        let contentStart = start + ChunkHeader.byteCount
        let contentEnd = contentStart + head.storedBytes
        guard buffer.count >= contentEnd + sealBytes else { return nil }
        let content = try opened(head, buffer[contentStart..<contentEnd], seal: buffer[contentEnd..<contentEnd + sealBytes])
        guard head.number == number else {
            throw BackupError(
                .outOfOrder,
                "\(name) is damaged: chunk \(head.number) stands where chunk \(number) belongs, so pieces are missing or moved",
                fix: "restore another backup")
        }
        guard let plain = head.isStored ? Array(content) : Deflate.expand(content, to: head.plainBytes) else { throw damaged() }
        start = contentEnd + sealBytes
        number += 1
        hasEnded = head.isLast
        return plain
    }

    /// Throws unless the bytes so far are a whole backup and nothing more.
    func finish() throws(BackupError) {
        guard hasEnded else {
            let place = header == nil ? "within its first \(ContainerHeader.byteCount) bytes" : "after \(number) whole chunks"
            throw BackupError(.cutOff, "\(name) is cut off: it ends \(place), before its last chunk", fix: "restore another backup")
        }
        guard start == buffer.count else {
            throw BackupError(
                .damaged, "\(name) is damaged: \(buffer.count - start) bytes follow its last chunk", fix: "restore another backup")
        }
    }

    var salt: [UInt8]? { header?.salt }

    private mutating func open() throws(BackupError) {
        let bytes = buffer[start..<start + ContainerHeader.byteCount]
        let header = try ContainerHeader(bytes, name: name)
        headerDigest = Array(SHA256.hash(data: header.bytes))
        keys = try Self.keys(header.isEncrypted, salt: header.salt, check: header.keyCheck, of: given, name: name)
        self.header = header
        start += ContainerHeader.byteCount
    }

    /// The keys of a backup, by the one of those given that it was made with; nil for one that is not encrypted.
    static func keys(
        _ isEncrypted: Bool, salt: [UInt8], check: [UInt8], of given: BackupKeys?, name: String
    ) throws(BackupError) -> DerivedKeys? {
        guard isEncrypted else {
            guard given == nil else {
                throw BackupError(
                    .notEncrypted, "\(name) is not encrypted although BACKUP_ENCRYPTION_KEY is set, so anybody may have made it",
                    fix: "if you trust it, run the command without BACKUP_ENCRYPTION_KEY")
            }
            return nil
        }
        guard let given else {
            throw BackupError(
                .keyMissing, "\(name) is encrypted, and BACKUP_ENCRYPTION_KEY is not set",
                fix: "set BACKUP_ENCRYPTION_KEY to the key it was made with")
        }
        guard let keys = given.all.lazy.map({ DerivedKeys($0, salt: salt) }).first(where: { $0.check == check }) else {
            throw BackupError(
                .wrongKey, "\(name) was encrypted with another key than BACKUP_ENCRYPTION_KEY",
                fix: "set BACKUP_ENCRYPTION_KEY to the key it was made with; several may stand there, separated by commas")
        }
        return keys
    }

    private func opened(
        _ head: ChunkHeader, _ content: ArraySlice<UInt8>, seal: ArraySlice<UInt8>
    ) throws(BackupError) -> ArraySlice<UInt8> {
        guard let keys else {
            guard ContainerCipher.digest(headerDigest, head.bytes, content) == Array(seal) else { throw damaged() }
            return content
        }
        do {
            let box = try AES.GCM.SealedBox(nonce: try ContainerCipher.nonce(head.number), ciphertext: content, tag: seal)
            return Array(try AES.GCM.open(box, using: keys.chunks, authenticating: headerDigest + head.bytes))[...]
        } catch {
            throw damaged()
        }
    }

    private func damaged() -> BackupError {
        BackupError(.damaged, "\(name) is damaged: the bytes of chunk \(number) were changed", fix: "restore another backup")
    }
}
