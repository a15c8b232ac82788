package import SeaworthyMaintenance

/// Where backups are kept, when they are made and for how long. From `BACKUP_…` and `AWS_…`.
package struct BackupSettings: Sendable {
    package enum Place: Sendable {
        /// By absolute path.
        case folder(String)
        case bucket(S3Location, S3Credentials)
    }

    /// Nil when there are no backups.
    package let place: Place?
    package let schedule: BackupSchedule?
    package let retention: BackupRetention
    /// How often SQLite's log is stored; nil when it is not.
    package let logInterval: Duration?
    /// Nil leaves backups unencrypted.
    package let keys: SecretKeys?
    /// What PostgreSQL's programs get of this process' environment.
    package let environment: [String: String]
    /// Where temporary files go.
    package let temporaryFolder: String
}

extension Settings {
    static func backup(
        _ reading: inout SettingsReading, _ environment: AppEnvironment?, database: DatabaseSettings?, process: [String: String]
    ) -> BackupSettings {
        let place = backupPlace(&reading)
        let schedule = reading.text("BACKUP_SCHEDULE").flatMap { BackupSchedule($0) }
        if schedule != nil {
            if place == nil, !["BACKUP_DIR", "BACKUP_S3_URL"].contains(where: reading.isGiven) {
                reading.report(
                    SettingsProblem(
                        .missing, "BACKUP_DIR", "is not set, and BACKUP_SCHEDULE is",
                        fix: "set BACKUP_DIR or BACKUP_S3_URL to where backups go"))
            }
            if database?.location == .memory {
                reading.report(
                    SettingsProblem(
                        .conflictingValues, "BACKUP_SCHEDULE", "is set, and DATABASE_URL is SQLite in memory, which has no backups",
                        fix: "unset it, or write DATABASE_URL=sqlite:PATH"))
            }
        }
        let logInterval = logInterval(&reading, database, hasPlace: place != nil)
        let passed: Set = ["PATH", "HOME", "LD_LIBRARY_PATH", "TZ"]
        return BackupSettings(
            place: place, schedule: schedule,
            retention: reading.text("BACKUP_RETENTION_DAYS").flatMap { BackupRetention($0) } ?? .standard,
            logInterval: logInterval,
            keys: backupKeys(&reading, environment),
            environment: process.filter { passed.contains($0.key) || $0.key.hasPrefix("PG") },
            temporaryFolder: process["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp")
    }

    private static func logInterval(
        _ reading: inout SettingsReading, _ database: DatabaseSettings?, hasPlace: Bool
    ) -> Duration? {
        guard let interval = reading.duration("BACKUP_LOG_INTERVAL") else { return nil }
        if !hasPlace, !["BACKUP_DIR", "BACKUP_S3_URL"].contains(where: reading.isGiven) {
            reading.report(
                SettingsProblem(
                    .missing, "BACKUP_DIR", "is not set, and BACKUP_LOG_INTERVAL is",
                    fix: "set BACKUP_DIR or BACKUP_S3_URL to where backups and the log go"))
        }
        switch database?.location {
        case .memory:
            reading.report(
                SettingsProblem(
                    .conflictingValues, "BACKUP_LOG_INTERVAL", "is set, and DATABASE_URL is SQLite in memory, which has no backups",
                    fix: "unset it, or write DATABASE_URL=sqlite:PATH"))
        case .postgres:
            reading.report(
                SettingsProblem(
                    .conflictingValues, "BACKUP_LOG_INTERVAL", "is set, and DATABASE_URL names PostgreSQL, which archives its log itself",
                    fix: "unset it, and set pgBackRest up as docs/backups.md says"))
        case .file, nil: break
        }
        return interval
    }

    private static func backupPlace(_ reading: inout SettingsReading) -> BackupSettings.Place? {
        let folder = reading.text("BACKUP_DIR")
        let url = reading.text("BACKUP_S3_URL")
        let (access, secret) = (reading.text("AWS_ACCESS_KEY_ID"), reading.text("AWS_SECRET_ACCESS_KEY"))
        let token = reading.text("AWS_SESSION_TOKEN")
        let (region, endpoint) = (reading.text("AWS_REGION"), reading.text("AWS_ENDPOINT_URL"))
        if folder != nil, url != nil {
            reading.report(SettingsProblem(.conflictingValues, "BACKUP_DIR", "is set, and BACKUP_S3_URL too", fix: "unset one of the two"))
        }
        if let folder { return .folder(folder) }
        guard let url else { return nil }
        for (name, value) in [("AWS_ACCESS_KEY_ID", access), ("AWS_SECRET_ACCESS_KEY", secret)]
        where value == nil && !reading.hasFailed(name) {
            reading.report(
                SettingsProblem(.missing, name, "is not set, and BACKUP_S3_URL is", fix: "set it to credentials that may use the bucket"))
        }
        do throws(S3Location.Problem) {
            let location = try S3Location(url, region: region, endpoint: endpoint)
            guard let access, let secret else { return nil }
            return .bucket(location, S3Credentials(accessKey: access, secretKey: secret, sessionToken: token))
        } catch {
            reading.report(
                SettingsProblem(
                    .invalidValue, "BACKUP_S3_URL", error.detail,
                    fix: "write BACKUP_S3_URL=s3://BUCKET/PREFIX?region=REGION, with &endpoint=https://HOST for other servers than Amazon's"
                ))
            return nil
        }
    }
}
