import ArgumentParser
import Seaworthy

struct KeyCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Makes an API key for a user, and prints it this once.",
        discussion: "A key gives what the roles of its owner give, as far as its scopes allow it.")

    @Option(help: ArgumentHelp("The address that the owner signs in with.", valueName: "address")) var email: String
    @Option(help: ArgumentHelp("What the key is known by.", valueName: "name")) var name: String
    @Option(
        name: .customLong("scope"),
        help: ArgumentHelp(
            "What it is for: * for all, or Entity:read, Entity:write, Entity:purge, Entity:history, with * for every entity; may stand several times.",
            valueName: "scope"))
    var scopes: [String]
    @Option(help: ArgumentHelp("How long it is good, such as 30d. Without this, until it is revoked.", valueName: "duration"))
    var expires: String?
    @Flag(help: "Prints the key as JSON.") var json = false
    @OptionGroup var schema: SchemaOptions

    func validate() throws {
        if let expires, KeyOperation.lifetime(expires) == nil {
            throw ValidationError("--expires takes a duration such as 30d or 12h, of 1s to 36500d")
        }
    }

    func run() async throws {
        try await CommandOutput.run {
            let report = try await KeyOperation(schemaPath: schema.path).create(
                email: email, name: name, scopes: scopes, lifetime: expires.flatMap(KeyOperation.lifetime))
            CommandOutput.result(json ? report.json : report.text)
        }
    }
}
