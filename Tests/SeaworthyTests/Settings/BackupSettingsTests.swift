import SeaworthyMaintenance
import Testing

@testable import Seaworthy

@Suite struct `The settings of backups` {
    private func load(_ environment: [String: String]) throws -> Settings {
        let folder = try TemporaryFolder()
        return try Settings.load(environment: ["APP_ENV": "test"].merging(environment) { $1 }, workingDirectory: folder.path)
    }

    private func problems(_ environment: [String: String]) -> [String] {
        do {
            _ = try load(environment)
            return []
        } catch {
            return (error as? SettingsError)?.problems.map { "\($0.subject) \($0.code)" } ?? ["\(error)"]
        }
    }

    private static let key = "4fd1c0de77ab90e2135688f0a9c3b7d2"

    @Test func `are none by default`() throws {
        let backup = try load([:]).backup
        #expect(backup.place == nil && backup.schedule == nil && backup.keys == nil && backup.logInterval == nil)
        #expect(try !load([:]).database.keepsLog)
        #expect(backup.retention == BackupRetention(daily: 7, weekly: 28, monthly: 365))
        #expect(backup.temporaryFolder == "/tmp")
    }

    @Test func `name a folder, relative to the working directory`() throws {
        let backup = try load([
            "BACKUP_DIR": "backups", "BACKUP_SCHEDULE": "0 3 * * *", "BACKUP_RETENTION_DAYS": "30", "BACKUP_ENCRYPTION_KEY": Self.key,
            "TMPDIR": "/scratch", "PATH": "/bin", "PGSSLROOTCERT": "/ca", "OTHER": "x",
        ]).backup
        guard case .folder(let path)? = backup.place else { return #expect(Bool(false), "no folder") }
        #expect(path.hasSuffix("/backups") && path.hasPrefix("/"))
        #expect(backup.schedule == BackupSchedule("0 3 * * *") && backup.retention == BackupRetention(daily: 30, weekly: 0, monthly: 0))
        #expect(backup.keys?.all == [Array(Self.key.utf8)] && backup.temporaryFolder == "/scratch")
        #expect(backup.environment == ["PATH": "/bin", "PGSSLROOTCERT": "/ca"])
    }

    @Test func `have SQLite's log stored, and every command leave it alone`() throws {
        let settings = try load(["BACKUP_DIR": "backups", "BACKUP_LOG_INTERVAL": "10s"])
        #expect(settings.backup.logInterval == .seconds(10) && settings.database.keepsLog)
        for text in ["1s", "1h"] {
            #expect(try load(["BACKUP_DIR": "backups", "BACKUP_LOG_INTERVAL": text]).backup.logInterval != nil)
        }
    }

    @Test func `name a bucket, with region and endpoint from the environment`() throws {
        let backup = try load([
            "BACKUP_S3_URL": "s3://bucket/app", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "word", "AWS_REGION": "eu-central-1",
            "AWS_ENDPOINT_URL": "http://localhost:9000",
        ]).backup
        guard case .bucket(let location, let credentials)? = backup.place else { return #expect(Bool(false), "no bucket") }
        #expect(
            location == (try S3Location("s3://bucket/app?region=eu-central-1&endpoint=http://localhost:9000", region: nil, endpoint: nil)))
        #expect(!"\(credentials)".contains("word"))
    }

    @Test(arguments: [
        (["BACKUP_SCHEDULE": "0 3 * * *"], ["BACKUP_DIR missing"]),
        (["BACKUP_SCHEDULE": "3 o'clock", "BACKUP_DIR": "b"], ["BACKUP_SCHEDULE invalid_value"]),
        (["BACKUP_RETENTION_DAYS": "7d"], ["BACKUP_RETENTION_DAYS invalid_value"]),
        (["BACKUP_ENCRYPTION_KEY": "short"], ["BACKUP_ENCRYPTION_KEY weak_secret"]),
        (
            ["BACKUP_DIR": "b", "BACKUP_S3_URL": "s3://bucket", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"],
            ["BACKUP_DIR conflicting_values"]
        ),
        (["BACKUP_S3_URL": "s3://bucket"], ["AWS_ACCESS_KEY_ID missing", "AWS_SECRET_ACCESS_KEY missing"]),
        (["BACKUP_S3_URL": "bucket", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"], ["BACKUP_S3_URL invalid_value"]),
        (
            ["BACKUP_S3_URL": "bucket", "BACKUP_SCHEDULE": "@daily", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"],
            ["BACKUP_S3_URL invalid_value"]
        ),
        (["DATABASE_URL": "sqlite::memory:", "BACKUP_DIR": "b", "BACKUP_SCHEDULE": "@daily"], ["BACKUP_SCHEDULE conflicting_values"]),
        (["BACKUP_LOG_INTERVAL": "10s"], ["BACKUP_DIR missing"]),
        (
            ["BACKUP_LOG_INTERVAL": "10s", "BACKUP_S3_URL": "bucket", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"],
            ["BACKUP_S3_URL invalid_value"]
        ),
        (["BACKUP_LOG_INTERVAL": "999ms", "BACKUP_DIR": "b"], ["BACKUP_LOG_INTERVAL invalid_value"]),
        (["BACKUP_LOG_INTERVAL": "61m", "BACKUP_DIR": "b"], ["BACKUP_LOG_INTERVAL invalid_value"]),
        (["DATABASE_URL": "sqlite::memory:", "BACKUP_DIR": "b", "BACKUP_LOG_INTERVAL": "1m"], ["BACKUP_LOG_INTERVAL conflicting_values"]),
        (["DATABASE_URL": "postgres://u@h/d", "BACKUP_DIR": "b", "BACKUP_LOG_INTERVAL": "1m"], ["BACKUP_LOG_INTERVAL conflicting_values"]),
        (["BACKUP_FOLDER": "b"], ["BACKUP_FOLDER unknown_setting"]),
    ])
    func `that cannot be are refused together`(environment: [String: String], expected: [String]) {
        #expect(problems(environment) == expected)
    }

    @Test func `refuse a weak key in production, and quote none`() {
        let weak = "changeme-changeme-changeme-changeme"
        let environment = ["APP_ENV": "production", "SECRET_KEYS": "9c1be7a2d4f80563b1c2e4a6d8f07391", "BACKUP_ENCRYPTION_KEY": weak]
        #expect(problems(environment) == ["BACKUP_ENCRYPTION_KEY weak_secret"])
        do {
            _ = try load(environment)
        } catch {
            #expect(!"\(error)".contains(weak) && "\(error)".contains("set BACKUP_ENCRYPTION_KEY to the output of"))
        }
    }
}
