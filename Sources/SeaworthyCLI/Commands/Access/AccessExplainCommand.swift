import ArgumentParser
import Seaworthy

struct AccessExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Tells what somebody may do with the records of an entity, and by which role.")

    @Argument(help: "An address, «anyone» for nobody who has signed in, or «role:» with the name of a role.") var user: String
    @Argument(help: "The entity.") var entity: String
    @Flag(help: "Prints it as JSON.") var json = false
    @OptionGroup var schema: SchemaOptions

    func run() async throws {
        try await CommandOutput.run {
            let report = try await AccessExplainOperation(schemaPath: schema.path).run(user: user, entity: entity)
            CommandOutput.result(json ? report.json : report.text)
        }
    }
}
