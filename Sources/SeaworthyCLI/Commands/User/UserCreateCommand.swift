import ArgumentParser
import Seaworthy

struct UserCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Makes a user, whose address counts as verified.",
        discussion: "Without --password-stdin it prints a code with which the user sets a password.")

    @Option(help: ArgumentHelp("The address to sign in with.", valueName: "address")) var email: String
    @Flag(help: "Reads the password from standard input, up to the end of the first line.") var passwordStdin = false
    @Option(name: .customLong("role"), help: ArgumentHelp("A role of the schema's; may stand several times.", valueName: "role"))
    var roles: [String] = []
    @Flag(help: "Gives the role admin, which may do everything.") var admin = false
    @Flag(help: "Prints the user as JSON.") var json = false
    @OptionGroup var schema: SchemaOptions

    func run() async throws {
        try await CommandOutput.run {
            var password: String?
            if passwordStdin {
                guard let line = readLine(strippingNewline: true), !line.isEmpty else {
                    throw OperationFailure("there is no password in standard input. Fix: write it there, in one line")
                }
                password = line
            }
            let report = try await UserOperation(schemaPath: schema.path).create(
                email: email, password: password, roles: roles + (admin ? ["admin"] : []))
            CommandOutput.result(json ? report.json : report.text)
        }
    }
}
