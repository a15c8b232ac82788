import ArgumentParser

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Makes backups of the database, verifies them by restoring them, and restores them.",
        discussion:
            "DATABASE_URL (or DATABASE_DIRECT_URL) names the database, BACKUP_DIR or BACKUP_S3_URL the place. With BACKUP_SCHEDULE the server does it by itself.",
        subcommands: [
            BackupCreateCommand.self, BackupListCommand.self, BackupVerifyCommand.self, BackupRestoreCommand.self, BackupPruneCommand.self,
        ])
}
