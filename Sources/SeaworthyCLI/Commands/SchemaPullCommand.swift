import ArgumentParser

/// Known, so that it is refused as what it is and not as a misspelling, like the commands of ``LaterCommand``.
struct SchemaPullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "pull", shouldDisplay: false)

    @Argument(parsing: .captureForPassthrough) var rest: [String] = []

    func run() async throws {
        CommandOutput.error("error: seaworthy schema pull is not supported in this version [not_supported]")
        throw ExitCode.validationFailure
    }
}
