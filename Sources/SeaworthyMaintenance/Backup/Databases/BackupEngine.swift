/// What a kind of database does for its backups.
package protocol BackupEngine: Sendable {
    var kind: BackupManifest.Kind { get }

    /// The database's name, or the name of its file.
    var database: String { get }

    /// Runs a body while no other process backs up this database; nil when one does.
    func exclusively<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result?

    /// Hands over the database as it is at one moment, piece by piece, while it is written to.
    ///
    /// - Parameters:
    ///   - scratch: a folder for files of its own; made when it is needed.
    ///   - onSnapshot: called once the moment is fixed.
    ///   - write: takes the next bytes, at most ``ContainerHeader/chunkBytes``.
    func dump(
        scratch: @Sendable () throws -> ScratchFolder, onSnapshot: @escaping @Sendable () -> Void,
        write: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async throws -> DumpedDatabase

    /// Restores a backup beside the database, reads what it holds then, and takes it away again.
    ///
    /// - Parameter replay: what is done with the file afterwards; its pages are checked then. Only where the kind of database has files.
    func rehearse(
        _ manifest: BackupManifest, scratch: @Sendable () throws -> ScratchFolder,
        read: @escaping @Sendable () async throws -> [UInt8]?, replay: (@Sendable (String) async throws -> Void)?
    ) async throws -> RehearsedDatabase

    /// Brings a backup into the database's place.
    ///
    /// - Parameter accept: throws when the contents are not those of the backup; nil when they are not to be compared.
    func restore(
        _ manifest: BackupManifest, options: RestoreOptions, read: @escaping @Sendable () async throws -> [UInt8]?,
        accept: (@Sendable (DatabaseContents) throws -> Void)?
    ) async throws -> RestoreOutcome

    /// Whether a server of the given version writes definitions as this one does, so that they can be compared.
    func comparesStructure(with version: String) async throws -> Bool
}

/// What a database was when it was dumped.
package struct DumpedDatabase: Sendable {
    package var version: String
    package var properties: [String: String] = [:]
    package var schemaHash: String?
    package var migration: String?
    package var contents: DatabaseContents
    /// The end of SQLite's write-ahead log, read after the snapshot was taken; nil without one.
    var logEnd: LogPosition?
}

/// What a restore beside the database found.
package struct RehearsedDatabase: Sendable {
    /// Of the backup itself.
    package var contents: DatabaseContents
    /// What the replay failed with.
    var replayFailure: (any Error)?
}

package struct RestoreOptions: Sendable {
    /// A database that holds something is replaced, and kept.
    package var replaces = false
    /// Whether owners and grants are restored too (PostgreSQL).
    package var keepsOwners = true
    /// What the name of what is kept ends with: the time.
    var label = ""
    /// Where folders for temporary files are made.
    var scratchRoot = ""
    /// What is done with the restored file before it is put in place (SQLite).
    var replay: (@Sendable (String) async throws -> Void)?

    package init() {}
}

package struct RestoreOutcome: Sendable, Equatable {
    /// Where what was replaced is now.
    package var kept: String?
    package var compareMilliseconds = 0

    package init(kept: String? = nil, compareMilliseconds: Int = 0) {
        self.kept = kept
        self.compareMilliseconds = compareMilliseconds
    }
}
