import Logging
import SeaworthyTelemetry
import Testing

@testable import Seaworthy

struct SettingsLoadTests {
    static let strongKey = "9f2c7a41d08be653b7e1905c3fd8a6428e5b0c97f3146da2"
    private let folder: TemporaryFolder
    private let machine = SettingsMachine(processorCount: 4, logsToTerminal: false)

    init() throws { folder = try TemporaryFolder() }

    private func load(_ environment: [String: String], machine: SettingsMachine? = nil) throws(SettingsError) -> Settings {
        try Settings.load(environment: environment, workingDirectory: folder.path, machine: machine ?? self.machine)
    }

    private func problems(_ environment: [String: String]) -> [SettingsProblem] {
        settingsProblems { () throws(SettingsError) in try load(environment) }
    }

    @Test func `nothing set gives the defaults of development`() throws {
        let settings = try load([:])
        #expect(settings.environment == .development)
        #expect(settings.http == ListenSettings(host: "127.0.0.1", port: 8080, shutdownGracePeriod: .seconds(30)))
        #expect(
            settings.database
                == DatabaseSettings(
                    location: .file(folder.path + "/seaworthy.db"), directConnection: nil, poolSize: 4, poolTimeout: .seconds(5),
                    connectTimeout: .seconds(5), statementTimeout: .seconds(30)))
        #expect(settings.log == LogSettings(level: .info, format: .json))
    }

    @Test func `what is secret in them is known in each form in which it could be told`() throws {
        let settings = try load([
            "SECRET_KEYS": "\(Self.strongKey),\(Self.strongKey)2", "OIDC_CLIENT_SECRETS": "corp=another-secret=",
            "DATABASE_URL": "postgres://ann:p%40ss%3Dword@db.example.com/shop?sslmode=verify-full",  // not-a-secret
        ])
        for secret in [Self.strongKey, Self.strongKey + "2", "another-secret=", "p%40ss%3Dword", "p@ss=word"] {  // not-a-secret
            #expect(settings.secrets.contains(secret), "\(secret)")
        }
        // Else every line that has it would be hidden.
        #expect(!settings.secrets.contains("verify-full"))
    }

    @Test func `every supported setting is read`() throws {
        let settings = try load([
            "APP_ENV": "production", "HOST": "0.0.0.0", "PORT": "0", "SHUTDOWN_GRACE_PERIOD": "1m", "DATABASE_URL": "sqlite:/data/a.db",
            "DATABASE_POOL_SIZE": "64", "DATABASE_POOL_TIMEOUT": "250ms", "DATABASE_STATEMENT_TIMEOUT": "1h",
            "SECRET_KEYS": Self.strongKey, "LOG_LEVEL": "WARNING", "LOG_FORMAT": "text",
        ])
        #expect(settings.environment == .production)
        #expect(settings.http == ListenSettings(host: "0.0.0.0", port: 0, shutdownGracePeriod: .seconds(60)))
        #expect(
            settings.database
                == DatabaseSettings(
                    location: .file("/data/a.db"), directConnection: nil, poolSize: 64, poolTimeout: .milliseconds(250),
                    connectTimeout: .seconds(5), statementTimeout: .seconds(3600)))
        #expect(settings.log == LogSettings(level: .warning, format: .text))
        #expect(settings.secretKeys.first == Array(Self.strongKey.utf8))
    }

    @Test(arguments: [(1, 2), (2, 2), (5, 5), (8, 8), (9, 8), (64, 8)])
    func `readers default to the cores, between 2 and 8`(cores: Int, readers: Int) throws {
        #expect(try load([:], machine: SettingsMachine(processorCount: cores, logsToTerminal: false)).database.poolSize == readers)
    }

    @Test func `every setting of PostgreSQL is read`() throws {
        let settings = try load([
            "DATABASE_URL": "postgres://u:secret@h1:5433,h2/d?target_session_attrs=primary&sslmode=verify-full",  // not-a-secret
            "DATABASE_DIRECT_URL": "PostgreSQL://u@h3/d", "DATABASE_POOL_SIZE": "3", "DATABASE_CONNECT_TIMEOUT": "2s",
            "DATABASE_SLOW_STATEMENT": "20ms", "DATABASE_PREPARED_STATEMENTS": "OFF",
            "DATABASE_REPLICA_URLS": "postgres://h4/d, POSTGRESQL://h5/d?application_name=r%2Cs",
        ])
        #expect(
            settings.database
                == DatabaseSettings(
                    location: .postgres("postgres://u:secret@h1:5433,h2/d?target_session_attrs=primary&sslmode=verify-full"),
                    directConnection: "postgresql://u@h3/d", poolSize: 3, poolTimeout: .seconds(5), connectTimeout: .seconds(2),
                    statementTimeout: .seconds(30), slowStatementTime: .milliseconds(20), usesPreparedStatements: false,
                    replicaConnections: ["postgres://h4/d", "postgresql://h5/d?application_name=r%2Cs"]))
    }

    @Test func `PostgreSQL has ten connections whatever the cores`() throws {
        let machine = SettingsMachine(processorCount: 64, logsToTerminal: false)
        let database = try load(["DATABASE_URL": "postgres://h/d"], machine: machine).database
        #expect(database.poolSize == 10)
        #expect(database.connectTimeout == .seconds(5))
        #expect(database.directConnection == nil)
        #expect(database.slowStatementTime == .seconds(1))
        #expect(database.usesPreparedStatements)
        #expect(database.replicaConnections == [])
    }

    @Test(arguments: ["postgres://h/d,", "postgres://h1,h2/d", "sqlite:a", "postgres://h/d,postgres://h:x/d"])
    func `replicas are servers of PostgreSQL, one each`(text: String) {
        let error = #expect(throws: SettingsError.self) { try load(["DATABASE_URL": "postgres://h/d", "DATABASE_REPLICA_URLS": text]) }
        #expect(error?.problems.map(\.subject) == ["DATABASE_REPLICA_URLS"])
    }

    @Test(arguments: [
        ("DATABASE_DIRECT_URL", "postgres://h/d"), ("DATABASE_CONNECT_TIMEOUT", "5s"), ("DATABASE_PREPARED_STATEMENTS", "on"),
        ("DATABASE_REPLICA_URLS", "postgres://h/d"),
    ])
    func `what is for PostgreSQL is refused with SQLite`(name: String, value: String) {
        let error = #expect(throws: SettingsError.self) { try load([name: value]) }
        #expect(
            error?.problems == [
                SettingsProblem(
                    .conflictingValues, name, "is for PostgreSQL, and DATABASE_URL names SQLite",
                    fix: "unset it, or set DATABASE_URL=postgres://…")
            ])
    }

    @Test func `the log is text on a terminal unless told otherwise`() throws {
        let terminal = SettingsMachine(processorCount: 2, logsToTerminal: true)
        #expect(try load([:], machine: terminal).log.format == .text)
        #expect(try load(["LOG_FORMAT": "json"], machine: terminal).log.format == .json)
    }

    @Test func `all problems are told at once, in the order of the documentation, with the fix`() throws {
        let error = #expect(throws: SettingsError.self) {
            try load([
                "LOG_LEVEL": "loud", "PORT": "65536", "HOST": "http://x", "DATABASE_FOO": "1",
                "POSTHOG_API_KEY": "https://u:hunter2@h",  // not-a-secret
                "DATABASE_POOL_SIZE": "0", "SECRET_KEYS": "short-secret",
            ])
        }
        #expect(
            error?.description == """
                the settings have 7 problems:
                  HOST must be a host name or an IP address, without scheme, brackets or path, but is "http://x"; write for instance HOST=0.0.0.0 or HOST=::1 [invalid_value]
                  PORT must be a whole number from 0 to 65535, but is "65536"; set PORT to such a number, or unset it [invalid_value]
                  DATABASE_POOL_SIZE must be a whole number from 1 to 64, but is "0"; set DATABASE_POOL_SIZE to such a number, or unset it [invalid_value]
                  SECRET_KEYS key 1 has 12 bytes, and 32 are needed; set SECRET_KEYS to the output of: openssl rand -hex 32 [weak_secret]
                  LOG_LEVEL must be one of trace, debug, info, notice, warning, error, critical, but is "loud"; set LOG_LEVEL to one of these [invalid_value]
                  POSTHOG_API_KEY is not supported in this version; unset it [not_supported]
                  DATABASE_FOO is not a setting; did you mean DATABASE_URL? Rename it, or unset it [unknown_setting]
                """)
    }

    @Test func `one problem is told as one`() {
        #expect(throws: SettingsError.self) { try load(["PORT": "x"]) }
        do { _ = try load(["PORT": "x"]) } catch { #expect(error.description.hasPrefix("the settings have a problem:\n  PORT must")) }
    }

    @Test(arguments: SettingDefinition.all.filter { !$0.isSupported })
    func `what is not built yet is refused when set, and only then`(definition: SettingDefinition) {
        let refusal = problems([definition.name: "1"])
        #expect(refusal.map(\.code) == [.notSupported])
        #expect(refusal.first?.description == "\(definition.name) is not supported in this version; unset it [not_supported]")
        #expect(problems([definition.name + "_FILE": "/nowhere"]).map(\.code) == [.notSupported])
        #expect(problems([definition.name: ""]).isEmpty)
    }

    @Test
    func
        `the contract has 51 settings; more are five AWS_* for S3, BACKUP_LOG_INTERVAL, OIDC_CLIENT_SECRETS, COOKIE_DOMAIN, three REDIS_*, CACHE_MEMORY_LIMIT and twelve OTEL_*`()
    {
        #expect(SettingDefinition.all.count == 51 + 5 + 7 + 12)
        #expect(SettingDefinition.all.count { $0.name.hasPrefix("AWS_") } == 5)
    }

    @Test(arguments: ["staging", "production"])
    func `staging and production refuse SQLite in memory and missing keys`(environment: String) {
        let found = problems(["APP_ENV": environment, "DATABASE_URL": "sqlite::memory:"])
        #expect(found.map(\.code) == [.notDurable, .missing])
        #expect(found.map(\.subject) == ["DATABASE_URL", "SECRET_KEYS"])
        #expect(found.allSatisfy { $0.detail.contains(environment) })
        #expect(!folder.exists(".seaworthy"))
    }

    @Test func `development and test accept SQLite in memory`() throws {
        #expect(try load(["DATABASE_URL": "sqlite::memory:"]).database.location == .memory)
        #expect(try load(["APP_ENV": "test", "DATABASE_URL": "sqlite::memory:"]).database.location == .memory)
    }

    @Test func `an unknown environment is one problem, and makes no keys`() {
        let found = problems(["APP_ENV": "prod"])
        #expect(
            found.map(\.description) == [
                "APP_ENV must be one of development, test, staging, production, but is \"prod\"; set APP_ENV to one of these [invalid_value]"
            ])
        #expect(!folder.exists(".seaworthy"))
    }

    @Test func `a shown value is short and cannot steer a terminal`() {
        let found = problems(["PORT": "\u{1B}[31m" + String(repeating: "9", count: 200)])
        #expect(found.first?.detail.hasSuffix("is \"\u{FFFD}[31m" + String(repeating: "9", count: 95) + "…\"") == true)
    }

    @Test func `a secret value is never shown`() {
        let found = problems(["DATABASE_URL": "mysql://user:hunter2@host/db", "SECRET_KEYS": "hunter2,hunter2"])  // not-a-secret
        #expect(found.count == 3)
        #expect(found.allSatisfy { !$0.description.contains("hunter2") })
    }

    @Test func `the settings of this process can be read`() throws {
        // The variables of whoever runs the tests may be refused; then they are refused by name.
        do { #expect(try Settings.loadFromProcess(logDescriptor: -1).log.format == .json) } catch { #expect(!error.problems.isEmpty) }
    }
}
