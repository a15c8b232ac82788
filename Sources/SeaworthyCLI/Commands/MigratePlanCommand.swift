import ArgumentParser
import Seaworthy

struct MigratePlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Writes the migrations from the last one's schema to that of the schema file.",
        discussion:
            "Compares the schema with migrations/schema.json and the connected database with what it should be. Changes no database.")

    @Option(help: ArgumentHelp("The last part of the files' names: letters, digits, _ and -.", valueName: "name")) var name: String?
    @Flag(help: "Allows to drop and to narrow what is stored.") var allowDestructive = false
    @Flag(help: "Prints the report as JSON.") var json = false
    @OptionGroup var schema: SchemaOptions

    func validate() throws {
        if let name, !MigrateOperation.isName(name) {
            throw ValidationError("--name takes 1 to 60 letters, digits, _ and -")
        }
    }

    func run() async throws {
        try await CommandOutput.run {
            let plan = try await MigrateOperation(schemaPath: schema.path).plan(name: name, allowsDestructive: allowDestructive)
            CommandOutput.result(json ? plan.json : plan.text)
        }
    }
}
