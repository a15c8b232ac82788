import ArgumentParser
import Seaworthy

struct MigrateApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Applies the migrations that the database has not had, in order.",
        discussion: "Again, it changes nothing. Of many that apply at once, one does and the others wait.")

    @Flag(help: "Allows migrations that drop or narrow what is stored.") var allowDestructive = false
    @Flag(help: "Prints the report as JSON.") var json = false
    @OptionGroup var schema: SchemaOptions

    func run() async throws {
        try await CommandOutput.run {
            let isJSON = json
            let report = try await MigrateOperation(schemaPath: schema.path).apply(allowsDestructive: allowDestructive) { line in
                if !isJSON { CommandOutput.result(line) }
            }
            CommandOutput.result(json ? report.json : report.text)
        }
    }
}
