import ArgumentParser

struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Prints the model of the schema file for people: as a diagram, as a document.",
        subcommands: [SchemaDiagramCommand.self, SchemaDocsCommand.self, SchemaPullCommand.self])
}
