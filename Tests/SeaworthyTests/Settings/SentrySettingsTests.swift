import SeaworthyTelemetry
import Testing

@testable import Seaworthy

@Suite struct `Settings of error reports` {
    private static let dsn = "https://0123456789abcdef@sentry.example/42"  // not-a-secret
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func load(_ environment: [String: String]) throws(SettingsError) -> Settings {
        try Settings.load(
            environment: environment, workingDirectory: folder.path, machine: SettingsMachine(processorCount: 4, logsToTerminal: false))
    }

    private func problems(_ environment: [String: String]) -> [String] {
        settingsProblems { () throws(SettingsError) in try load(environment) }.map { "\($0.subject) \($0.detail) [\($0.code)]" }
    }

    @Test func `name the environment and this server's version, where nothing else is said`() throws {
        #expect(try load([:]).sentry == nil)
        let standard = try #require(try load(["APP_ENV": "test", "SENTRY_DSN": Self.dsn]).sentry)
        #expect(standard.origin.environment == "test" && standard.origin.release == "seaworthy@0.1.0")
        let given = try load(["SENTRY_DSN": Self.dsn, "SENTRY_ENVIRONMENT": "eu-1", "SENTRY_RELEASE": "portal@2.5.0+7"])
        #expect(given.sentry?.origin.environment == "eu-1" && given.sentry?.origin.release == "portal@2.5.0+7")
        #expect(given.secrets.contains(Self.dsn))
    }

    @Test func `are what Sentry takes`() {
        #expect(problems(["SENTRY_DSN": "https://0123456789abcdef@sentry.example"]) == ["SENTRY_DSN names no project [invalid_value]"])
        for text in ["none", "None", "a b", "a/b", "é", String(repeating: "a", count: 65)] {
            #expect(
                problems(["SENTRY_ENVIRONMENT": text])
                    == ["SENTRY_ENVIRONMENT must be 1 to 64 letters, digits, - . or _, and not none [invalid_value]"], "\(text)")
        }
        #expect(problems(["SENTRY_ENVIRONMENT": String(repeating: "a", count: 64), "SENTRY_DSN": Self.dsn]) == [])
        for text in [".", "..", "a/b", "a\\b", "a\tb", "a\nb", String(repeating: "a", count: 201)] {
            #expect(
                problems(["SENTRY_RELEASE": text])
                    == ["SENTRY_RELEASE must be 1 to 200 characters without line breaks, tabs, / and \\, and not . or .. [invalid_value]"],
                "\(text)")
        }
        #expect(problems(["SENTRY_RELEASE": String(repeating: "a", count: 200)]) == [])
    }
}
