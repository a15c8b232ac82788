import Crypto
import FoundationEssentials

/// Turns what a database gives into a backup's data, on its way into the store.
actor BackupOutput {
    private var container: ContainerWriter
    private let writer: any ObjectWriter
    private var hash = SHA256()
    private(set) var storedBytes = 0
    private(set) var plainBytes = 0
    /// What waits for a whole chunk.
    private var pending: [UInt8] = []

    init(_ writer: any ObjectWriter, key: SymmetricKey?) {
        self.writer = writer
        container = ContainerWriter(key: key)
    }

    var keys: DerivedKeys? { container.keys }
    var header: ContainerHeader { container.header }

    func write(_ piece: [UInt8]) async throws {
        if plainBytes == 0, storedBytes == 0 { try await send(container.header.bytes) }
        plainBytes += piece.count
        pending += piece
        var start = 0
        while pending.count - start >= ContainerHeader.chunkBytes {
            try await send(try container.chunk(Array(pending[start..<start + ContainerHeader.chunkBytes])))
            start += ContainerHeader.chunkBytes
        }
        pending.removeFirst(start)
    }

    /// Writes the last chunk and gives the SHA-256 of everything; the object is not finished yet.
    func end() async throws -> String {
        if storedBytes == 0 { try await send(container.header.bytes) }
        try await send(try container.chunk(pending, isLast: true))
        pending = []
        return hash.finalize().hexadecimal
    }

    private func send(_ bytes: [UInt8]) async throws {
        hash.update(data: bytes)
        storedBytes += bytes.count
        try await writer.write(bytes)
    }
}

/// Reads a backup's data back, and refuses what is not as its manifest says.
actor BackupInput {
    private let manifest: BackupManifest
    private let reader: any ObjectReader
    private var container: ContainerReader
    private var hash = SHA256()
    private var storedBytes = 0
    private var isOver = false

    init(_ reader: any ObjectReader, manifest: BackupManifest, keys: BackupKeys?) {
        self.reader = reader
        self.manifest = manifest
        container = ContainerReader(name: manifest.id, keys: keys)
    }

    /// What the next chunk holds; nil at the end, when everything was found as it was written.
    func next() async throws -> [UInt8]? {
        while true {
            if let plain = try container.next() {
                if !plain.isEmpty { return plain }
                continue
            }
            if isOver { return nil }
            guard let piece = try await reader.read() else {
                try finish()
                return nil
            }
            hash.update(data: piece)
            storedBytes += piece.count
            container.append(piece)
        }
    }

    private func finish() throws {
        isOver = true
        try container.finish()
        guard container.salt?.hexadecimal == manifest.salt, storedBytes == manifest.storedBytes,
            hash.finalize().hexadecimal == manifest.digest
        else {
            throw BackupError(
                .damaged, "the data of \(manifest.id) is that of another backup than its manifest", fix: "restore another backup")
        }
    }
}
