import ArgumentParser
import Seaworthy

struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Exits with 0 when a server is ready, else with 1.")

    @Option(help: ArgumentHelp("The server; by default HOST and PORT of the environment.", valueName: "url")) var url: String?

    func run() async throws {
        try await CommandOutput.run {
            let report = try await HealthOperation(url: url).run()
            if report.isReady { return CommandOutput.result(report.text) }
            CommandOutput.error(report.text)
            throw ExitCode.failure
        }
    }
}
