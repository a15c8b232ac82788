import ArgumentParser
import Seaworthy

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Checks the schema file and the environment, and tells every problem at once.")

    @OptionGroup var schema: SchemaOptions
    @Flag(help: "Prints the JSON Schema of the schema language, for editors, and checks nothing.") var printSchema = false
    @Flag(help: "Prints the report as JSON.") var json = false

    func run() async throws {
        if printSchema { return CommandOutput.result(CheckOperation.schemaOfSchema) }
        let report = CheckOperation(schemaPath: schema.path).run()
        if json {
            CommandOutput.result(report.json)
        } else if report.isSound {
            CommandOutput.result(report.text)
        } else {
            CommandOutput.error(report.text)
        }
        guard report.isSound else { throw ExitCode.failure }
    }
}
