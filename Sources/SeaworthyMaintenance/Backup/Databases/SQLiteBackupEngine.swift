import FoundationEssentials
import SeaworthySQL
import SeaworthySchema
package import SeaworthyStorage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Backups of a SQLite file: its pages, copied within one snapshot while others write. docs/decisions/0033-backups.md.
package struct SQLiteBackupEngine: BackupEngine {
    package let kind = BackupManifest.Kind.sqlite
    private let path: String
    private let open: @Sendable (String) async throws -> any Database
    private let lock: @Sendable (String) -> (any Sendable)?

    /// - Parameters:
    ///   - path: the database's file.
    ///   - open: opens a file for long reads, with the driver.
    ///   - lock: has a file for itself as long as what it gives lives; nil when somebody has it open.
    package init(
        path: String, open: @escaping @Sendable (String) async throws -> any Database,
        lock: @escaping @Sendable (String) -> (any Sendable)?
    ) {
        self.path = path
        self.open = open
        self.lock = lock
    }

    package var database: String { Files.name(of: path) }

    package func exclusively<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result? {
        let file = try FolderStore.wrapping { try OpenFile(locking: "\(path).backup-lock") }
        guard file.tryLock() else { return nil }
        let result = try await body()
        // The lock lives until here.
        return withExtendedLifetime(file) { result }
    }

    // MARK: Dump

    package func dump(
        scratch: @Sendable () throws -> ScratchFolder, onSnapshot: @escaping @Sendable () -> Void,
        write: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async throws -> DumpedDatabase {
        guard Files.exists(path) else {
            throw BackupError(.databaseFailed, "there is no database at \(path)", fix: "check DATABASE_URL")
        }
        let folder = try scratch()
        let copy = folder.file("copy.db")
        let dumped = try await with(path) { database in
            try await database.transaction(.read) { transaction in
                guard let transaction = transaction as? any FileCopying else {
                    throw BackupError(.databaseFailed, "the driver cannot copy a file", fix: "report this")
                }
                // The transaction has its snapshot: whatever that holds ends before this.
                let logEnd = try FolderStore.wrapping {
                    try LogFile("\(Files.resolved(path))-wal").flatMap { try $0.committedEnd(from: $0.header.start) }
                }
                onSnapshot()
                try await transaction.copy(to: copy)
                let contents = try await SQLiteContents.read(in: transaction)
                let version = try await transaction.query(Statement("SELECT sqlite_version()"), into: ValueRows())
                let stamp = try await SchemaStamp.read(.sqlite, in: transaction)
                return DumpedDatabase(
                    version: version.first?.first?.text ?? "", schemaHash: stamp.hash, migration: stamp.migration, contents: contents,
                    logEnd: logEnd)
            }
        }
        let file = try FolderStore.wrapping { try OpenFile(reading: copy) }
        // Its name goes now, its space with the descriptor.
        try FolderStore.wrapping { try Files.remove(copy) }
        while true {
            try Task.checkCancellation()
            let piece = try FolderStore.wrapping { try file.read(ContainerHeader.chunkBytes) }
            guard !piece.isEmpty else { break }
            try await write(piece)
        }
        return withExtendedLifetime(folder) { dumped }
    }

    // MARK: Restore

    package func rehearse(
        _ manifest: BackupManifest, scratch: @Sendable () throws -> ScratchFolder,
        read: @escaping @Sendable () async throws -> [UInt8]?, replay: (@Sendable (String) async throws -> Void)?
    ) async throws -> RehearsedDatabase {
        let folder = try scratch()
        let file = folder.file("restored.db")
        try await fill(file, mode: 0o600, isDurable: false, read)
        var rehearsed = RehearsedDatabase(contents: try await contents(of: file))
        do {
            if let replay { try await self.replay(replay, file) }
        } catch {
            rehearsed.replayFailure = error
        }
        return withExtendedLifetime(folder) { rehearsed }
    }

    /// Goes on from a restored file, and checks every page of what comes of it.
    private func replay(_ body: @Sendable (String) async throws -> Void, _ file: String) async throws {
        try await body(file)
        try await with(file) { try await checkPages($0, "integrity_check") }
    }

    package func restore(
        _ manifest: BackupManifest, options: RestoreOptions, read: @escaping @Sendable () async throws -> [UInt8]?,
        accept: (@Sendable (DatabaseContents) throws -> Void)?
    ) async throws -> RestoreOutcome {
        let outcome = try await exclusively {
            try removeAbandoned()
            return try await replace(options, read, accept)
        }
        guard let outcome else {
            throw BackupError(.busy, "another process backs up or restores «\(database)» just now", fix: "wait until it is done")
        }
        return outcome
    }

    /// Takes away what a killed restore left. Only while nobody restores.
    private func removeAbandoned() throws {
        let (folder, prefix) = (Files.folder(of: path), "\(database).restoring-")
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasPrefix(prefix) {
            try FolderStore.wrapping { try Files.remove("\(folder)/\(name)") }
        }
    }

    private func replace(
        _ options: RestoreOptions, _ read: @Sendable () async throws -> [UInt8]?, _ accept: (@Sendable (DatabaseContents) throws -> Void)?
    ) async throws -> RestoreOutcome {
        guard let held = lock(path) else {
            throw BackupError(
                .targetInUse, "the database \(path) is open in another process", fix: "stop the server and whatever else has it open")
        }
        // All that there is may still be in the log.
        let isThere = ["", "-wal"].contains { (Files.bytes(path + $0) ?? 0) > 0 }
        guard options.replaces || !isThere else {
            throw BackupError(
                .targetNotEmpty, "there is a database at \(path)",
                fix: "add --force, which replaces it and keeps it beside, or set DATABASE_URL")
        }
        let draft = "\(path).restoring-\([UInt8].random(4).hexadecimal)"
        var outcome = RestoreOutcome()
        do {
            try await fill(draft, mode: mode(of: path), isDurable: true, read)
            let start = Deadline.now.nanoseconds
            if let accept {
                try accept(try await contents(of: draft))
            } else {
                try await with(draft) { try await checkPages($0, "quick_check") }
            }
            outcome.compareMilliseconds = Int((Deadline.now.nanoseconds - start) / 1_000_000)
            if let body = options.replay { try await replay(body, draft) }
            outcome.kept = try FolderStore.wrapping { try putInPlace(draft, label: options.label) }
        } catch {
            for suffix in ["", "-wal", "-shm"] { try? Files.remove(draft + suffix) }
            throw error
        }
        return withExtendedLifetime(held) { outcome }
    }

    package func comparesStructure(with version: String) async throws -> Bool { true }

    /// Renames the draft to the database, and what was there out of the way.
    ///
    /// The old write-ahead log goes before the new file comes: behind it, it would be read as its own. A power loss between the two leaves
    /// the old database without its last transactions, and with them where it is kept.
    private func putInPlace(_ draft: String, label: String) throws -> String? {
        var kept = "\(path).before-\(label)"
        // Two restores within a second.
        var number = 1
        while Files.exists(kept) {
            number += 1
            kept = "\(path).before-\(label)-\(number)"
        }
        let isThere = Files.exists(path)
        if isThere, link(path, kept) != 0 { throw OpenFile.Failure("kept as \(kept)", path) }
        for suffix in ["-wal", "-shm"] where Files.exists(path + suffix) {
            try Files.rename(path + suffix, to: kept + suffix)
        }
        try Files.synchronize(folder: Files.folder(of: path))
        try Files.rename(draft, to: path)
        try Files.synchronize(folder: Files.folder(of: path))
        return isThere ? kept : nil
    }

    private func mode(of path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0o600
    }

    private func fill(_ path: String, mode: mode_t, isDurable: Bool, _ read: @Sendable () async throws -> [UInt8]?) async throws {
        let file = try FolderStore.wrapping { try OpenFile(making: path) }
        while let piece = try await read() {
            try Task.checkCancellation()
            try FolderStore.wrapping { try file.write(piece) }
        }
        fchmod(file.descriptor, mode)
        if isDurable { try FolderStore.wrapping { try file.synchronize() } }
    }

    private func contents(of path: String) async throws -> DatabaseContents {
        try await with(path) { database in
            try await checkPages(database, "integrity_check")
            return try await database.transaction(.read) { try await SQLiteContents.read(in: $0) }
        }
    }

    private func checkPages(_ database: any Database, _ check: String) async throws {
        let found = try await database.query(Statement("PRAGMA \(check)(5)"), into: ValueRows()).map { $0[0].text }
        guard found == ["ok"] else {
            throw BackupError(
                .differs, "the restored file is damaged: \(found.joined(separator: "; "))",
                fix: "restore another backup: the database was damaged when this one was made")
        }
    }

    private func with<Result: Sendable>(
        _ path: String, _ body: @Sendable (any Database) async throws -> Result
    ) async throws -> Result {
        do {
            let database = try await open(path)
            return try await database.closing { try await body(database) }
        } catch let error as StorageError {
            throw BackupError(.databaseFailed, error.message, fix: "check the database, the rights of its files and the space on its disk")
        }
    }
}
