import ArgumentParser
import Seaworthy

struct BackupVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Restores a backup into a scratch database and compares rows and content of every table.")

    @Argument(help: "The backup; by default the newest.") var id: String?
    @Flag(help: "Prints the result as JSON.") var json = false

    func run() async throws {
        try await CommandOutput.run {
            let report = try await BackupOperation().verify(id)
            CommandOutput.result(json ? report.json : report.text)
        }
    }
}
