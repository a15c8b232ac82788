import FoundationEssentials

/// Backups as files of one folder. A file is written under another name, brought to the disk, and renamed.
package struct FolderStore: BackupStore {
    /// What is not finished ends so.
    static let unfinishedSuffix = ".unfinished"
    private static let pieceBytes = 256 * 1024

    private let folder: String

    /// - Parameter folder: absolute path; made when something is written.
    package init(_ folder: String) {
        self.folder = folder
    }

    package var place: String { folder }

    package func probe() async throws { _ = try names(prefix: "") }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }

    private func names(prefix: String) throws(BackupError) -> [String] {
        guard Files.exists(folder) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix(prefix) }
        } catch {
            throw BackupError(.storeFailed, "the folder \(folder) cannot be read", fix: "check BACKUP_DIR and the rights of the folder")
        }
    }

    package func list(prefix: String) async throws -> [StoredObject] {
        try names(prefix: prefix).filter { !$0.hasSuffix(Self.unfinishedSuffix) }.compactMap { name in
            Files.bytes(path(name)).map { StoredObject(name: name, bytes: $0) }
        }
    }

    package func read(_ name: String, maximumBytes: Int) async throws -> [UInt8]? {
        try Self.wrapping {
            guard Files.exists(path(name)) else { return nil }
            return try OpenFile(reading: path(name)).read(maximumBytes)
        }
    }

    package func open(_ name: String) async throws -> any ObjectReader {
        guard Files.exists(path(name)) else {
            throw BackupError(.notFound, "there is no file \(name) in \(folder)", fix: "see: seaworthy backup list")
        }
        return FileReader(try Self.wrapping { try OpenFile(reading: path(name)) }, pieceBytes: Self.pieceBytes)
    }

    package func create(_ name: String) async throws -> any ObjectWriter {
        try Self.wrapping {
            try Files.makeFolder(folder)
            let unfinished = path(name) + Self.unfinishedSuffix
            let file = try OpenFile(making: unfinished)
            // Whoever finds the file while it is locked knows that it is being written.
            _ = file.tryLock()
            return FileWriter(file, path: path(name))
        }
    }

    package func remove(_ name: String) async throws {
        try Self.wrapping {
            try Files.remove(path(name))
            if Files.exists(folder) { try Files.synchronize(folder: folder) }
        }
    }

    package func removeUnfinished(prefix: String) async throws -> [String] {
        var removed: [String] = []
        for name in try names(prefix: prefix) where name.hasSuffix(Self.unfinishedSuffix) {
            guard let file = try? OpenFile(locking: path(name)), file.tryLock() else { continue }
            try Self.wrapping { try Files.remove(path(name)) }
            removed.append(name)
        }
        return removed
    }

    static func wrapping<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let failure as OpenFile.Failure {
            throw BackupError(
                .storeFailed, failure.description, fix: "check BACKUP_DIR, the rights of the folder and the space on its disk")
        }
    }
}

private actor FileReader: ObjectReader {
    private let file: OpenFile
    private let pieceBytes: Int

    init(_ file: OpenFile, pieceBytes: Int) {
        self.file = file
        self.pieceBytes = pieceBytes
    }

    func read() throws -> [UInt8]? {
        let bytes = try FolderStore.wrapping { try file.read(pieceBytes) }
        return bytes.isEmpty ? nil : bytes
    }

    func close() {}
}

private actor FileWriter: ObjectWriter {
    private let file: OpenFile
    private let path: String
    private var isOver = false

    init(_ file: OpenFile, path: String) {
        self.file = file
        self.path = path
    }

    func write(_ bytes: [UInt8]) throws {
        try FolderStore.wrapping { try file.write(bytes) }
    }

    func finish() throws {
        try FolderStore.wrapping {
            try file.synchronize()
            try Files.rename(file.path, to: path)
            isOver = true
            try Files.synchronize(folder: Files.folder(of: path))
        }
    }

    func abandon() {
        guard !isOver else { return }
        isOver = true
        try? Files.remove(file.path)
    }
}
