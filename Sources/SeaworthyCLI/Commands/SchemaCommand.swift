import ArgumentParser

struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Shows the model of the schema file as a diagram or a document; makes a schema file from a database.",
        subcommands: [SchemaDiagramCommand.self, SchemaDocsCommand.self, SchemaPullCommand.self])
}
