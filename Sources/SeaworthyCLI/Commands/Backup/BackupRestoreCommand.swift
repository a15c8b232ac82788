import ArgumentParser
import Seaworthy

struct BackupRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Restores a backup into the database that DATABASE_URL names, with the server stopped.",
        discussion: "What is restored is compared with the backup before it is put in place. What it replaces is kept, and where is said.")

    @Argument(help: "The backup; by default the newest.") var id: String?
    @Flag(help: "Replaces a database that holds something, and keeps it under another name.") var force = false
    @Flag(help: "Does not compare the restored tables with the backup. Damaged bytes are found all the same.") var noCompare = false
    @Flag(help: "PostgreSQL: leaves out owners and grants, so that everything belongs to the database's user.") var noOwner = false
    @Flag(help: "Prints the result as JSON.") var json = false

    func run() async throws {
        try await CommandOutput.run {
            let report = try await BackupOperation().restore(id, replaces: force, compares: !noCompare, keepsOwners: !noOwner)
            CommandOutput.result(json ? report.json : report.text)
        }
    }
}
