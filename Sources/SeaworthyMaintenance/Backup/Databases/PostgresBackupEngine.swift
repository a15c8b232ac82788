import FoundationEssentials
import SeaworthySQL
import SeaworthySchema
package import SeaworthyStorage

/// Backups of a PostgreSQL database: a dump by `pg_dump` in the snapshot in which its contents are counted and hashed.
/// docs/decisions/0033-backups.md.
package struct PostgresBackupEngine: BackupEngine {
    /// `SWBACKUP` as a number: the key of the advisory lock.
    static let lockKey: Int64 = 0x5357_4241_434B_5550
    /// What the names of databases begin with that are only there while a backup is verified or restored.
    static let rehearsalPrefix = "seaworthy_verify_"
    static let draftPrefix = "seaworthy_restore_"

    package let kind = BackupManifest.Kind.postgres
    package let database: String
    let tools: PostgresTools
    private let open: @Sendable (String) async throws -> any Database

    /// - Parameters:
    ///   - database: its name.
    ///   - open: opens a database of the server for long statements, past any pooler.
    package init(database: String, tools: PostgresTools, open: @escaping @Sendable (String) async throws -> any Database) {
        self.database = database
        self.tools = tools
        self.open = open
    }

    package func exclusively<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result? {
        try await with(database) { database in
            try await database.session { try await holding(Self.lockKey, $0, body) }
        }
    }

    /// Runs a body with an advisory lock; nil when another session has it. It is free when this returns: the end of the session, which
    /// the server learns of a little later, would free it too.
    func holding<Result: Sendable>(
        _ key: Int64, _ session: any DatabaseSession, _ body: @Sendable () async throws -> Result
    ) async throws -> Result? {
        let rows = try await session.query(Statement("SELECT pg_try_advisory_lock(\(key))::int"), into: ValueRows())
        guard rows[0][0].number == 1 else { return nil }
        let unlock = Statement("SELECT pg_advisory_unlock(\(key))")
        do {
            let result = try await body()
            _ = try await session.query(unlock, into: ValueRows())
            return result
        } catch {
            // Also when the task was cancelled, which would keep the statement from being sent.
            await Task { _ = try? await session.query(unlock, into: ValueRows()) }.value
            throw error
        }
    }

    // MARK: Dump

    package func dump(
        scratch: @Sendable () throws -> ScratchFolder, onSnapshot: @escaping @Sendable () -> Void,
        write: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async throws -> DumpedDatabase {
        let folder = try scratch()
        return try await with(database) { database in
            try await database.transaction(.read) { transaction in
                let server = try await DatabaseIdentity.read(in: transaction)
                let stamp = try await SchemaStamp.read(.postgres, in: transaction)
                let dump = try tools.find("pg_dump", atLeast: server.major, scratch: folder)
                let snapshot = try await transaction.query(Statement("SELECT pg_export_snapshot()"), into: ValueRows())[0][0].text
                onSnapshot()
                let child = try tools.start(
                    dump.path, ["--format=custom", "--compress=0", "--snapshot=\(snapshot)"], database: self.database, scratch: folder)
                // At the same time, on another core of the server.
                async let contents = PostgresContents.read(in: transaction)
                try await withChild(child) {
                    while true {
                        try Task.checkCancellation()
                        let piece = child.read(ContainerHeader.chunkBytes)
                        guard !piece.isEmpty else { break }
                        try await write(piece)
                    }
                }
                let found = try await contents
                var properties = server.properties
                properties["pg_dump"] = String(dump.version)
                return DumpedDatabase(
                    version: server.version, properties: properties, schemaHash: stamp.hash, migration: stamp.migration, contents: found)
            }
        }
    }

    /// Sees a program through to its end, or ends it.
    private func withChild(_ child: ChildProcess, _ body: () async throws -> Void) async throws {
        try await withTaskCancellationHandler {
            do {
                try await body()
            } catch {
                child.kill()
                try? child.finish()
                throw error
            }
            try child.finish()
        } onCancel: {
            child.kill()
        }
    }

    // MARK: Restore

    package func rehearse(
        _ manifest: BackupManifest, scratch: @Sendable () throws -> ScratchFolder,
        read: @escaping @Sendable () async throws -> [UInt8]?, replay: (@Sendable (String) async throws -> Void)?
    ) async throws -> RehearsedDatabase {
        let folder = try scratch()
        return try await with(database) { database in
            try await database.session { session in
                // One at a time, so that a scratch database that is there was left by somebody who was killed.
                let contents = try await holding(Self.lockKey + 1, session) {
                    let name = try await removeAbandoned(Self.rehearsalPrefix, session) + [UInt8].random(4).hexadecimal
                    return try await withNewDatabase(name, manifest.properties, session, keeps: false) {
                        try await fill(name, manifest, keepsOwners: false, folder, read)
                        return try await self.contents(of: name)
                    }
                }
                guard let contents else {
                    throw BackupError(
                        .busy, "another process verifies a backup of «\(self.database)» just now", fix: "wait until it is done")
                }
                return RehearsedDatabase(contents: contents)
            }
        }
    }

    /// Takes away what killed processes left, only while no other is at work, and gives what names of this database's begin with.
    func removeAbandoned(_ prefix: String, _ session: any DatabaseSession) async throws -> String {
        let own = try await session.query(
            Statement("SELECT oid::text FROM pg_database WHERE datname = current_database()"), into: ValueRows())[0][0].text
        let prefix = "\(prefix)\(own)_"
        let names = try await session.query(
            Statement("SELECT datname::text FROM pg_database WHERE starts_with(datname::text, $1::text)", [.text(prefix)]),
            into: ValueRows())
        for name in names { try await drop(name[0].text, session) }
        return prefix
    }

    func drop(_ name: String, _ session: any DatabaseSession) async throws {
        try await session.execute(Statement("DROP DATABASE IF EXISTS \(PostgresDialect().quoted(name)) WITH (FORCE)"))
    }

    /// Makes a database for a body, and takes it away again unless the body ends well and it is to stay.
    func withNewDatabase<Result: Sendable>(
        _ name: String, _ properties: [String: String], _ session: any DatabaseSession, keeps: Bool,
        _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        do {
            try await session.execute(Statement(DatabaseIdentity.create(name, properties)))
        } catch let error as StorageError {
            throw BackupError(
                .databaseFailed, "no database for the backup can be made: \(error.message)",
                fix: "give the database's user the right: ALTER ROLE … CREATEDB")
        }
        do {
            let result = try await body()
            if !keeps { try await drop(name, session) }
            return result
        } catch {
            // Also when the task was cancelled, which would keep the statement from being sent.
            await Task { try? await drop(name, session) }.value
            throw error
        }
    }

    func fill(
        _ name: String, _ manifest: BackupManifest, keepsOwners: Bool, _ folder: ScratchFolder,
        _ read: @Sendable () async throws -> [UInt8]?
    ) async throws {
        let tool = try tools.find("pg_restore", atLeast: manifest.properties["pg_dump"].flatMap { Int($0) } ?? 0, scratch: folder)
        let options = keepsOwners ? [] : ["--no-owner", "--no-acl"]
        let child = try tools.start(
            tool.path, ["--exit-on-error", "--single-transaction"] + options, database: name, scratch: folder)
        try await withChild(child) {
            while let piece = try await read() {
                try Task.checkCancellation()
                // What it says tells more than that it stopped reading.
                guard child.write(piece) else { break }
            }
            child.endInput()
        }
        // What it did not need is looked at all the same.
        while try await read() != nil {}
    }

    func contents(of name: String) async throws -> DatabaseContents {
        try await with(name) { try await $0.transaction(.read) { try await PostgresContents.read(in: $0) } }
    }

    package func comparesStructure(with version: String) async throws -> Bool {
        let server = try await with(database) { try await $0.transaction(.read) { try await DatabaseIdentity.read(in: $0) } }
        return version.prefix { $0 != "." } == server.version.prefix { $0 != "." }
    }

    func with<Result: Sendable>(_ name: String, _ body: @Sendable (any Database) async throws -> Result) async throws -> Result {
        do {
            let database = try await open(name)
            return try await database.closing { try await body(database) }
        } catch let error as StorageError {
            throw BackupError(.databaseFailed, error.message, fix: "check DATABASE_URL, that the server runs, and the rights of its user")
        }
    }
}
