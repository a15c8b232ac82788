import ArgumentParser

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Brings databases from one schema to the next, by files that people review.",
        subcommands: [MigratePlanCommand.self, MigrateApplyCommand.self, MigrateStatusCommand.self, MigrateRollbackCommand.self])
}
