import ArgumentParser
import Seaworthy

@main
struct SeaworthyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seaworthy",
        abstract: "An application server: a data model and its rules in one YAML file, and the whole production server around it.",
        version: ApplicationVersion.text,
        subcommands: [
            ServeCommand.self, CheckCommand.self, ImportCommand.self, ExportCommand.self, OpenAPICommand.self, SchemaCommand.self,
            MigrateCommand.self, BackupCommand.self, UserCommand.self, KeyCommand.self, AccessCommand.self,
            HealthCommand.self, LaterCommand.self,
        ])
}

/// Options of every command that needs the model.
struct SchemaOptions: ParsableArguments {
    @Option(name: .customLong("schema"), help: ArgumentHelp("The schema file.", valueName: "file"))
    var path = "seaworthy.yaml"
}
