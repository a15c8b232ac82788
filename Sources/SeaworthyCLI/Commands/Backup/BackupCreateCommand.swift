import ArgumentParser
import Seaworthy

struct BackupCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Makes a backup of the database as it is now, while it is used.")

    @Flag(help: "Prints the backup as JSON.") var json = false

    func run() async throws {
        try await CommandOutput.run {
            let report = try await BackupOperation().create()
            CommandOutput.result(json ? report.json : report.text)
        }
    }
}
