import ArgumentParser
import Seaworthy

struct SchemaDocsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docs", abstract: "Prints a Markdown document of every entity: fields, references, constraints and rules.")

    @OptionGroup var schema: SchemaOptions

    func run() async throws {
        try await CommandOutput.run { CommandOutput.result(try SchemaDocumentOperation(.docs, schemaPath: schema.path).run()) }
    }
}
