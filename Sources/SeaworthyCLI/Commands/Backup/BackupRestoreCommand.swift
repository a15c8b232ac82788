import ArgumentParser
import Seaworthy

struct BackupRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Restores a backup into the database that DATABASE_URL names, with the server stopped.",
        discussion: "What is restored is compared with the backup before it is put in place. What it replaces is kept, and where is said.")

    @Argument(help: "The backup; by default the newest, with --at the newest of before that moment.") var id: String?
    @Option(
        help:
            "SQLite with BACKUP_LOG_INTERVAL: goes on from the backup to this moment, a time such as 2026-11-25T20:15:00Z, or latest.")
    var at: String?
    @Flag(help: "Replaces a database that holds something, and keeps it under another name.") var force = false
    @Flag(help: "Does not compare the restored tables with the backup. Damaged bytes are found all the same.") var noCompare = false
    @Flag(help: "PostgreSQL: leaves out owners and grants, so that everything belongs to the database's user.") var noOwner = false
    @Flag(help: "Prints the result as JSON.") var json = false

    func validate() throws {
        guard let at, !BackupOperation.isMoment(at) else { return }
        throw ValidationError("--at is neither a time such as 2026-11-25T20:15:00Z nor latest: «\(at)»")
    }

    func run() async throws {
        try await CommandOutput.run {
            let report = try await BackupOperation().restore(
                id, moment: at, replaces: force, compares: !noCompare, keepsOwners: !noOwner)
            CommandOutput.result(json ? report.json : report.text)
        }
    }
}
