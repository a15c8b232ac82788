import ArgumentParser
import Seaworthy

struct BackupListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the backups, the newest first.")

    @Flag(help: "Prints the list as JSON.") var json = false

    func run() async throws {
        try await CommandOutput.run {
            let report = try await BackupOperation().list()
            CommandOutput.result(json ? report.json : report.text)
        }
    }
}
