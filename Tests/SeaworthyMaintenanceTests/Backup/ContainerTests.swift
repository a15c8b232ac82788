import Crypto
import Testing

@testable import SeaworthyMaintenance

@Suite struct `The container of a backup` {
    private static let key = BackupKeys([Array("0123456789abcdef0123456789abcdef".utf8)])
    private static let other = BackupKeys([Array("another key, of thirty-two bytes".utf8)])
    private static let chunk = ContainerHeader.chunkBytes

    /// A chunk each, then the last.
    private func container(_ chunks: [[UInt8]], key: BackupKeys?) throws -> [[UInt8]] {
        var writer = ContainerWriter(key: key?.all.first)
        var pieces = [writer.header.bytes]
        for (index, plain) in chunks.enumerated() { pieces.append(try writer.chunk(plain, isLast: index == chunks.count - 1)) }
        return pieces
    }

    private func read(_ bytes: [UInt8], key: BackupKeys?, pieceBytes: Int = 4096) throws -> [UInt8] {
        var reader = ContainerReader(name: "it", keys: key)
        var plain: [UInt8] = []
        var start = 0
        while start < bytes.count {
            reader.append(Array(bytes[start..<min(start + pieceBytes, bytes.count)]))
            start += pieceBytes
            while let chunk = try reader.next() { plain += chunk }
        }
        try reader.finish()
        return plain
    }

    private func code(_ bytes: [UInt8], key: BackupKeys?) -> BackupError.Code? {
        do {
            _ = try read(bytes, key: key)
            return nil
        } catch {
            return (error as? BackupError)?.code
        }
    }

    private static func random(_ count: Int) -> [UInt8] { [UInt8].random(count) }

    @Test(arguments: [true, false], [1, 7, 4096, 1 << 20])
    func `gives back what was written, however it is cut into pieces`(isEncrypted: Bool, pieceBytes: Int) throws {
        let key = isEncrypted ? Self.key : nil
        let text = Array(String(repeating: "the same again, ", count: 500).utf8)
        for chunks in [[[]], [[7]], [text], [Self.random(3000), text, []]] as [[[UInt8]]] {
            let bytes = try container(chunks, key: key).flatMap { $0 }
            #expect(try read(bytes, key: key, pieceBytes: pieceBytes) == chunks.flatMap { $0 })
        }
    }

    @Test func `makes what repeats smaller, and what does not hardly larger`() throws {
        let zeros = try container([Array(repeating: 0, count: Self.chunk)], key: nil).flatMap { $0 }
        #expect(zeros.count < 10_000)
        let noise = try container([Self.random(Self.chunk)], key: Self.key).flatMap { $0 }
        #expect(noise.count == Self.chunk + ContainerHeader.byteCount + ChunkHeader.byteCount + ContainerCipher.tagBytes)
    }

    @Test(arguments: [true, false]) func `every flipped bit is found`(isEncrypted: Bool) throws {
        let key = isEncrypted ? Self.key : nil
        let bytes = try container([Array("first chunk".utf8), Self.random(20), []], key: key).flatMap { $0 }
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                #expect(code(changed, key: key) != nil, "byte \(index), bit \(bit)")
            }
        }
        var content = bytes
        content[ContainerHeader.byteCount + ChunkHeader.byteCount] ^= 1
        #expect(code(content, key: key) == .damaged)
        var head = bytes
        head[20] ^= 1
        #expect(code(head, key: key) == .damaged)
    }

    @Test(arguments: [true, false]) func `one that is cut off anywhere says so`(isEncrypted: Bool) throws {
        let key = isEncrypted ? Self.key : nil
        let pieces = try container([Array("first".utf8), Array("second".utf8), Array("last".utf8)], key: key)
        let bytes = pieces.flatMap { $0 }
        for count in bytes.indices { #expect(code(Array(bytes[..<count]), key: key) == .cutOff, "\(count) bytes") }
        // At the end of a chunk too, where nothing else is amiss.
        #expect(code(Array(pieces[..<3].joined()), key: key) == .cutOff)
        #expect(code(bytes + [0], key: key) == .damaged)
    }

    @Test(arguments: [true, false]) func `chunks that are moved, missing or doubled are out of order`(isEncrypted: Bool) throws {
        let key = isEncrypted ? Self.key : nil
        let pieces = try container([Array("first".utf8), Array("second".utf8), Array("third".utf8), []], key: key)
        for order in [[0, 2, 1, 3, 4], [0, 1, 3, 4], [0, 1, 1, 2, 3, 4], [0, 4]] {
            #expect(code(order.flatMap { pieces[$0] }, key: key) == .outOfOrder, "\(order)")
        }
    }

    @Test func `a chunk of another backup of the same key does not fit`() throws {
        let one = try container([Array("mine".utf8), []], key: Self.key)
        let two = try container([Array("mine".utf8), []], key: Self.key)
        #expect(one[1] != two[1])
        #expect(code(one[0] + two[1] + one[2], key: Self.key) == .damaged)
    }

    @Test func `tells a wrong key, a missing one, and one too many`() throws {
        let secret = Array("nobody reads this without the key, nobody reads this".utf8)
        let encrypted = try container([secret], key: Self.key).flatMap { $0 }
        let plain = try container([secret], key: nil).flatMap { $0 }
        #expect(code(encrypted, key: Self.other) == .wrongKey)
        #expect(code(encrypted, key: nil) == .keyMissing)
        #expect(code(plain, key: Self.key) == .notEncrypted)
        // The second of several keys is found too.
        let both = BackupKeys([Array("another key, of thirty-two bytes".utf8), Array("0123456789abcdef0123456789abcdef".utf8)])
        #expect(try read(encrypted, key: both) == secret)
        #expect(encrypted.firstRange(of: secret[..<8]) == nil)
    }

    @Test func `refuses what is no backup, and what comes from a later version`() throws {
        #expect(code(Array(repeating: 1, count: 200), key: nil) == .unreadable)
        var header = ContainerHeader(isEncrypted: false, salt: Self.random(32), keyCheck: nil).bytes
        header[8] = 2
        header.replaceSubrange(64..<80, with: Array(SHA256.hash(data: Array(header[..<64])))[..<16])
        #expect(code(header, key: nil) == .unreadable)
    }

    @Test func `a chunk that claims more than its backup's chunks hold is refused before memory is taken`() throws {
        let header = ContainerHeader(isEncrypted: false, salt: Self.random(32), keyCheck: nil).bytes
        let chunk = ChunkHeader(number: 0, isLast: true, isStored: true, plainBytes: 1 << 30, storedBytes: 1 << 30).bytes
        #expect(code(header + chunk, key: nil) == .damaged)
    }
}
