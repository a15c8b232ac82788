import FoundationEssentials
import SeaworthySchema

extension Backups {
    /// Every backup in the place, the newest first, also those of other databases; what is damaged says so.
    package func list() async throws -> [ListedBackup] {
        let objects = try await store.list(prefix: "")
        let sizes = Dictionary(objects.map { ($0.name, $0.bytes) }) { first, _ in first }
        var backups: [ListedBackup] = []
        for object in objects {
            guard let id = object.name.removingSuffix(BackupName.manifestSuffix), BackupName.isValid(id) else { continue }
            try Task.checkCancellation()
            let mark = sizes[id + BackupName.verifiedSuffix] != nil
            backups.append(try await listed(id, dataBytes: sizes[id + BackupName.dataSuffix], hasMark: mark))
        }
        return backups.sorted { ($0.time, $0.id) > ($1.time, $1.id) }
    }

    private func listed(_ id: String, dataBytes: Int?, hasMark: Bool) async throws -> ListedBackup {
        guard let bytes = try await store.read(id + BackupName.manifestSuffix, maximumBytes: BackupManifest.maximumBytes) else {
            return ListedBackup(id: id, problem: "its manifest went away meanwhile")
        }
        var backup = ListedBackup(id: id)
        do throws(BackupError) {
            backup.manifest = try BackupManifest(unproven: bytes, id: id)
            backup.manifest = try BackupManifest(bytes, id: id, keys: keys)
        } catch {
            backup.problem = error.message
        }
        guard let manifest = backup.manifest else { return backup }
        if dataBytes != manifest.storedBytes {
            backup.problem = dataBytes.map { "its data has \($0) bytes, and \(manifest.storedBytes) were written" } ?? "its data is missing"
        }
        if hasMark, let mark = try await store.read(id + BackupName.verifiedSuffix, maximumBytes: VerificationMark.maximumBytes) {
            backup.verified = VerificationMark(mark, of: manifest, keys: keys)?.time
        }
        return backup
    }

    /// The newest backup of this database whose manifest and size are as they were written.
    package func newest() async throws -> (manifest: BackupManifest, verified: Int64?)? {
        for backup in try await list() where backup.isSound {
            if let manifest = backup.manifest, manifest.database == engine.database, manifest.kind == engine.kind {
                return (manifest, backup.verified)
            }
        }
        return nil
    }

    /// The manifest of a backup, proven by its seal.
    ///
    /// - Parameter id: nil for the newest of the database; where it has none, the newest of the place if all there are of one database.
    func manifest(_ id: String?) async throws -> (BackupManifest, DerivedKeys?) {
        let id = if let id { id } else { try newestName(try await list()) }
        guard BackupName.isValid(id),
            let bytes = try await store.read(id + BackupName.manifestSuffix, maximumBytes: BackupManifest.maximumBytes)
        else {
            throw BackupError(.notFound, "there is no backup «\(id)» in \(store.place)", fix: "see: seaworthy backup list")
        }
        let manifest = try BackupManifest(bytes, id: id, keys: keys)
        guard manifest.kind == engine.kind else {
            throw BackupError(
                .wrongDatabase, "\(id) is of a \(manifest.kind.title) database, and DATABASE_URL names \(engine.kind.title)",
                fix: "set DATABASE_URL to a \(manifest.kind.title) database")
        }
        guard let salt = [UInt8](hexadecimal: manifest.salt), let check = [UInt8](hexadecimal: manifest.keyCheck) else {
            throw BackupError(.damaged, "the manifest of \(id) is damaged", fix: "restore another backup")
        }
        return (manifest, try ContainerReader.keys(manifest.isEncrypted, salt: salt, check: check, of: keys, name: id))
    }

    func newestName(_ listed: [ListedBackup]) throws -> String {
        let all = listed.compactMap(\.manifest).filter { $0.kind == engine.kind }
        if let own = all.first(where: { $0.database == engine.database }) { return own.id }
        guard let newest = all.first else {
            throw BackupError(
                .notFound, "there is no backup of a \(engine.kind.title) database in \(store.place)",
                fix: "make one: seaworthy backup create")
        }
        let names = Set(all.map(\.database)).sorted()
        guard names.count == 1 else {
            throw BackupError(
                .notFound, "there is no backup of «\(engine.database)» in \(store.place), only of \(names.joined(separator: ", "))",
                fix: "name the one you mean; see: seaworthy backup list")
        }
        return newest.id
    }
}

extension BackupManifest.Kind {
    var title: String {
        switch self {
        case .sqlite: "SQLite"
        case .postgres: "PostgreSQL"
        }
    }
}
