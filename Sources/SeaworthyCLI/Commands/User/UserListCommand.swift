import ArgumentParser
import Seaworthy

struct UserListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists everybody who can sign in.")

    @Flag(help: "Prints the users as JSON.") var json = false
    @OptionGroup var schema: SchemaOptions

    func run() async throws {
        try await CommandOutput.run {
            let report = try await UserOperation(schemaPath: schema.path).list()
            CommandOutput.result(json ? report.json : report.text)
        }
    }
}
