import ArgumentParser
import Seaworthy

struct BackupPruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Removes the backups that BACKUP_RETENTION_DAYS does not keep.",
        discussion: "Never the newest, nor the newest that was verified, nor one of the last 24 hours.")

    @Flag(help: "Only tells which would be removed.") var dryRun = false
    @Flag(help: "Prints the result as JSON.") var json = false

    func run() async throws {
        try await CommandOutput.run {
            let report = try await BackupOperation().prune(isRehearsal: dryRun)
            CommandOutput.result(json ? report.json : report.text)
        }
    }
}
