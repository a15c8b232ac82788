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
        do {
            _ = try load(environment)
            return []
        } catch {
            return error.problems
        }
    }

    @Test func `nothing set gives the defaults of development`() throws {
        let settings = try load([:])
        #expect(settings.environment == .development)
        #expect(settings.http == HTTPSettings(host: "127.0.0.1", port: 8080, shutdownGracePeriod: .seconds(30)))
        #expect(
            settings.database
                == DatabaseSettings(
                    location: .file(folder.path + "/seaworthy.db"), readerCount: 4, poolTimeout: .seconds(5), statementTimeout: .seconds(30)))
        #expect(settings.log == LogSettings(level: .info, format: .json))
    }

    @Test func `every supported setting is read`() throws {
        let settings = try load([
            "APP_ENV": "production", "HOST": "0.0.0.0", "PORT": "0", "SHUTDOWN_GRACE_PERIOD": "1m", "DATABASE_URL": "sqlite:/data/a.db",
            "DATABASE_POOL_SIZE": "64", "DATABASE_POOL_TIMEOUT": "250ms", "DATABASE_STATEMENT_TIMEOUT": "1h",
            "SECRET_KEYS": Self.strongKey, "LOG_LEVEL": "WARNING", "LOG_FORMAT": "text",
        ])
        #expect(settings.environment == .production)
        #expect(settings.http == HTTPSettings(host: "0.0.0.0", port: 0, shutdownGracePeriod: .seconds(60)))
        #expect(
            settings.database
                == DatabaseSettings(location: .file("/data/a.db"), readerCount: 64, poolTimeout: .milliseconds(250), statementTimeout: .seconds(3600)))
        #expect(settings.log == LogSettings(level: .warning, format: .text))
        #expect(settings.secretKeys.first == Array(Self.strongKey.utf8))
    }

    @Test(arguments: [(1, 2), (2, 2), (5, 5), (8, 8), (9, 8), (64, 8)])
    func `readers default to the cores, between 2 and 8`(cores: Int, readers: Int) throws {
        #expect(try load([:], machine: SettingsMachine(processorCount: cores, logsToTerminal: false)).database.readerCount == readers)
    }

    @Test func `the log is text on a terminal unless told otherwise`() throws {
        let terminal = SettingsMachine(processorCount: 2, logsToTerminal: true)
        #expect(try load([:], machine: terminal).log.format == .text)
        #expect(try load(["LOG_FORMAT": "json"], machine: terminal).log.format == .json)
    }

    @Test func `all problems are told at once, in the order of the documentation, with the fix`() throws {
        let error = #expect(throws: SettingsError.self) {
            try load([
                "LOG_LEVEL": "loud", "PORT": "65536", "HOST": "http://x", "REDIS_URL": "redis://u:hunter2@h", "DATABASE_FOO": "1",
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
                  REDIS_URL is not supported in this version; unset it [not_supported]
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

    @Test func `40 settings of the contract wait for a later version`() {
        #expect(SettingDefinition.all.count { !$0.isSupported } == 40)
        #expect(SettingDefinition.all.count { $0.isSupported } == 11)
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
        #expect(found.map(\.description) == [
            "APP_ENV must be one of development, test, staging, production, but is \"prod\"; set APP_ENV to one of these [invalid_value]"
        ])
        #expect(!folder.exists(".seaworthy"))
    }

    @Test func `a shown value is short and cannot steer a terminal`() {
        let found = problems(["PORT": "\u{1B}[31m" + String(repeating: "9", count: 200)])
        #expect(found.first?.detail.hasSuffix("is \"\u{FFFD}[31m" + String(repeating: "9", count: 95) + "…\"") == true)
    }

    @Test func `a secret value is never shown`() {
        let found = problems(["DATABASE_URL": "mysql://user:hunter2@host/db", "SECRET_KEYS": "hunter2,hunter2"])
        #expect(found.count == 3)
        #expect(found.allSatisfy { !$0.description.contains("hunter2") })
    }

    @Test func `the settings of this process can be read`() throws {
        // The variables of whoever runs the tests may be refused; then they are refused by name.
        do { #expect(try Settings.loadFromProcess(logDescriptor: -1).log.format == .json) } catch { #expect(!error.problems.isEmpty) }
    }
}

struct SettingsFromFilesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func load(_ environment: [String: String]) throws(SettingsError) -> Settings {
        try Settings.load(environment: environment, workingDirectory: folder.path)
    }

    private func problems(_ environment: [String: String]) -> [SettingsProblem] {
        do {
            _ = try load(environment)
            return []
        } catch {
            return error.problems
        }
    }

    @Test func `X_FILE gives X without one line break at its end`() throws {
        try folder.write("9000\n", to: "port")
        try folder.write("warning\r\n", to: "level")
        try folder.write("9000\n\n", to: "two")
        let settings = try load(["PORT_FILE": "\(folder.path)/port", "LOG_LEVEL_FILE": "level"])
        #expect(settings.http.port == 9000)
        #expect(settings.log.level == .warning)
        #expect(problems(["PORT_FILE": "two"]).map(\.code) == [.invalidValue])
    }

    @Test func `X and X_FILE together are an error`() throws {
        try folder.write("9000", to: "port")
        let found = problems(["PORT": "1", "PORT_FILE": "port"])
        #expect(found.map(\.description) == ["PORT is set, and PORT_FILE too; unset one of the two [conflicting_values]"])
    }

    @Test func `a missing, empty or binary file is an error that names it`() throws {
        try folder.write("", to: "empty")
        try folder.write("\n", to: "break")
        try folder.write("a\u{0}b", to: "zero")
        #expect(problems(["SECRET_KEYS_FILE": "gone"]).map(\.description) == [
            "SECRET_KEYS_FILE names gone, which cannot be read: No such file or directory; make it readable, or unset SECRET_KEYS_FILE [unreadable_file]"
        ])
        #expect(problems(["PORT_FILE": "empty"]).map(\.code) == [.invalidValue])
        #expect(problems(["PORT_FILE": "break"]).map(\.detail) == ["names break, which is empty"])
        #expect(problems(["PORT_FILE": "zero"]).map(\.detail) == ["names zero, which cannot be read: not UTF-8 text"])
        #expect(problems(["PORT_FILE": "."]).map(\.code) == [.unreadableFile])
    }

    @Test func `a file of 1 MiB is read and a larger one is not`() throws {
        try folder.write(String(repeating: "x", count: 1 << 20), to: "largest")
        try folder.write(String(repeating: "x", count: 1 << 20 + 1), to: "larger")
        #expect(try SettingFile.read("\(folder.path)/largest").text.utf8.count == 1 << 20)
        #expect(problems(["HOST_FILE": "larger"]).map(\.detail) == ["names larger, which cannot be read: larger than 1MiB"])
    }

    @Test func `.env counts in development and the environment wins over it`() throws {
        try folder.write("PORT=9001\nHOST=10.0.0.1\n", to: ".env")
        let settings = try load(["PORT": "9002"])
        #expect(settings.http.port == 9002)
        #expect(settings.http.host == "10.0.0.1")
    }

    @Test(arguments: ["test", "staging", "production"])
    func `.env is not read elsewhere`(environment: String) throws {
        try folder.write("PORT=9001\nnonsense\n", to: ".env")
        #expect(try load(["APP_ENV": environment, "SECRET_KEYS": SettingsLoadTests.strongKey]).http.port == 8080)
    }

    @Test func `.env may not change the environment it is read in`() throws {
        try folder.write("APP_ENV=production\n", to: ".env")
        #expect(problems([:]).map(\.code) == [.conflictingValues])
        #expect(problems(["APP_ENV": "development"]).map(\.subject) == ["APP_ENV"])
        try folder.write("APP_ENV=development\n", to: ".env")
        #expect(problems([:]).isEmpty)
    }

    @Test func `a problem in .env names its line`() throws {
        try folder.write("# first\nPORT=x\nREDIS_URL=redis://h\nwhat\nDATABASE_USER=u\nHOST_FILE=gone\n", to: ".env")
        #expect(problems([:]).map(\.description) == [
            ".env line 4 is not an assignment; write NAME=value, or begin the line with # to make it a comment [environment_file_syntax]",
            "HOST_FILE names gone, which cannot be read: No such file or directory (.env line 6); make it readable, or unset HOST_FILE [unreadable_file]",
            "PORT must be a whole number from 0 to 65535, but is \"x\" (.env line 2); set PORT to such a number, or unset it [invalid_value]",
            "REDIS_URL is not supported in this version (.env line 3); unset it [not_supported]",
            "DATABASE_USER is not a setting (.env line 5); did you mean DATABASE_URL? Rename it, or unset it [unknown_setting]",
        ])
    }

    @Test func `an unreadable .env is an error`() throws {
        try folder.write("x", to: "file")
        #expect(try load([:]).http.port == 8080)
        let nested = try TemporaryFolder()
        let error = #expect(throws: SettingsError.self) {
            try Settings.load(environment: [:], workingDirectory: nested.path + "/.env/..")
        }
        #expect(error?.problems.isEmpty == false)
    }
}
