import ArgumentParser
import Seaworthy

struct SchemaDiagramCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diagram", abstract: "Prints an entity relationship diagram of the model in Mermaid.")

    @OptionGroup var schema: SchemaOptions

    func run() async throws {
        try await CommandOutput.run { CommandOutput.result(try SchemaDocumentOperation(.diagram, schemaPath: schema.path).run()) }
    }
}
