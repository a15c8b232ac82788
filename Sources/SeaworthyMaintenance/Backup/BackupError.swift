/// Why a backup could not be made, read, verified or restored.
package struct BackupError: Error, Sendable, CustomStringConvertible {
    /// Stable codes; never reused.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let rawValue: String
        package var description: String { rawValue }

        /// There is no backup of that name, or none at all.
        package static let notFound = Code(rawValue: "backup.not_found")
        /// The file is no backup, or of a later version.
        package static let unreadable = Code(rawValue: "backup.unreadable")
        /// Bytes of the backup are not those that were written.
        package static let damaged = Code(rawValue: "backup.damaged")
        /// The backup ends too early.
        package static let cutOff = Code(rawValue: "backup.cut_off")
        /// Pieces of the backup are missing, or not in their order.
        package static let outOfOrder = Code(rawValue: "backup.out_of_order")
        /// The backup was encrypted with another key.
        package static let wrongKey = Code(rawValue: "backup.wrong_key")
        /// The backup is encrypted, and there is no key.
        package static let keyMissing = Code(rawValue: "backup.key_missing")
        /// There is a key, and the backup is not encrypted, so that anybody may have made it.
        package static let notEncrypted = Code(rawValue: "backup.not_encrypted")
        /// What was restored is not what was backed up.
        package static let differs = Code(rawValue: "backup.differs")
        /// The database to restore into holds something.
        package static let targetNotEmpty = Code(rawValue: "backup.target_not_empty")
        /// The database to restore into is in use.
        package static let targetInUse = Code(rawValue: "backup.target_in_use")
        /// The backup is of another kind of database, or of a later version of it.
        package static let wrongDatabase = Code(rawValue: "backup.wrong_database")
        /// Another process backs up the same database.
        package static let busy = Code(rawValue: "backup.busy")
        /// The folder or the bucket refused.
        package static let storeFailed = Code(rawValue: "backup.store_failed")
        /// A program of PostgreSQL is missing, or failed.
        package static let toolFailed = Code(rawValue: "backup.tool_failed")
        /// The database refused.
        package static let databaseFailed = Code(rawValue: "backup.database_failed")
        /// The log does not reach to the moment that was asked for.
        package static let outOfReach = Code(rawValue: "backup.out_of_reach")
        /// This kind of database has no log that is kept with its backups.
        package static let notSupported = Code(rawValue: "backup.not_supported")

        package static let all: [Code] = [
            notFound, unreadable, damaged, cutOff, outOfOrder, wrongKey, keyMissing, notEncrypted, differs, targetNotEmpty, targetInUse,
            wrongDatabase, busy, storeFailed, toolFailed, databaseFailed, outOfReach, notSupported,
        ]
    }

    package var code: Code
    /// What is wrong, and with what.
    package var message: String
    package var fix: String

    package init(_ code: Code, _ message: String, fix: String) {
        self.code = code
        self.message = message
        self.fix = fix
    }

    package var description: String {
        "\(message). Fix: \(fix) [\(code)]"
    }
}
