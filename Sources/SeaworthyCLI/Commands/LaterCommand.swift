import ArgumentParser

/// The commands of the contract that this version does not have. They are known, so that they are refused as what they are and not as a
/// misspelling.
struct LaterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", shouldDisplay: false,
        aliases: ["readiness", "generate"])

    @Argument(parsing: .captureForPassthrough) var rest: [String] = []

    func run() async throws {
        let name = CommandLine.arguments.dropFirst().first ?? "this command"
        CommandOutput.error("error: seaworthy \(name) is not supported in this version [not_supported]")
        throw ExitCode.validationFailure
    }
}
