import SeaworthyHTTP
import Testing

@testable import Seaworthy

@Suite struct `Who sees operators' pages` {
    private static let token = "4be1907c3fd8a6428e5b0c97f3146da29f2c7a41d08be653"  // not-a-secret
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func load(_ environment: [String: String]) throws(SettingsError) -> Settings {
        try Settings.load(
            environment: environment, workingDirectory: folder.path, machine: SettingsMachine(processorCount: 4, logsToTerminal: false))
    }

    private func problems(_ environment: [String: String]) -> [String] {
        settingsProblems { () throws(SettingsError) in try load(environment) }.map { "\($0.subject) \($0.detail) [\($0.code)]" }
    }

    private static func strict(_ environment: String, _ further: [String: String]) -> [String: String] {
        ["APP_ENV": environment, "SECRET_KEYS": SettingsLoadTests.strongKey].merging(further) { $1 }
    }

    private func isOpen(_ environment: [String: String]) throws -> Bool {
        if case .everyone? = try load(environment).operators.access { true } else { false }
    }

    @Test func `everybody does in development, where nothing else is said`() throws {
        #expect(try isOpen([:]))
        #expect(try load([:]).operators.port == nil)
        #expect(try !isOpen(["ADMIN_PORT": "9090"]))
        #expect(try load(["ADMIN_PORT": "9090"]).operators.access == nil && load(["ADMIN_PORT": "9090"]).operators.port == 9090)
        #expect(try !isOpen(["OPERATOR_TOKEN": Self.token]))
        #expect(try load(["APP_ENV": "test"]).operators.access == nil)
        for environment in ["staging", "production"] { #expect(try load(Self.strict(environment, [:])).operators.access == nil) }
    }

    @Test func `with a token whoever shows it does, and it is kept secret`() throws {
        for environment in [[:], ["APP_ENV": "test"], Self.strict("production", [:])] {
            let settings = try load(environment.merging(["OPERATOR_TOKEN": Self.token, "ADMIN_PORT": "0"]) { $1 })
            guard case .bearer? = settings.operators.access else {
                Issue.record("\(environment)")
                continue
            }
            #expect(settings.secrets.contains(Self.token) && settings.operators.port == 0)
        }
    }

    @Test func `a token is long, can be sent, and is nothing else`() {
        #expect(problems(["OPERATOR_TOKEN": String(Self.token.prefix(32))]) == [])
        #expect(
            problems(["OPERATOR_TOKEN": String(Self.token.prefix(31))])
                == ["OPERATOR_TOKEN has 31 bytes, and 32 are needed [weak_secret]"])
        for text in [
            "\(Self.token),\(Self.token)", "\(Self.token) \(Self.token)", "é\(Self.token)", "=\(Self.token)", "\(Self.token)=a", "==",
        ] {
            #expect(
                problems(["OPERATOR_TOKEN": text])
                    == ["OPERATOR_TOKEN must be letters, digits and - . _ ~ + /, with = at the end only [invalid_value]"], "\(text)")
        }
        #expect(problems(["OPERATOR_TOKEN": "-._~+/\(Self.token)=="]) == [])
        #expect(
            problems(["OPERATOR_TOKEN": SettingsLoadTests.strongKey, "SECRET_KEYS": SettingsLoadTests.strongKey])
                == ["OPERATOR_TOKEN is one of SECRET_KEYS, which leave the server nowhere [conflicting_values]"])
    }

    @Test(arguments: ["staging", "production"]) func `a token is no placeholder where it counts`(_ environment: String) {
        for (text, expected) in [
            (String(repeating: "ab", count: 20), "has fewer than 8 different bytes [weak_secret]"),
            ("changeme-changeme-1234567890-abcdefg", "is a placeholder [weak_secret]"),
            (DevelopmentKeys.prefix + Self.token, "was made for development [developmentKey]"),
        ] {
            let expected = expected.replacing("developmentKey", with: "development_key")
            #expect(problems(Self.strict(environment, ["OPERATOR_TOKEN": text])) == ["OPERATOR_TOKEN \(expected)"])
            #expect(problems(["OPERATOR_TOKEN": text]) == [])
        }
        #expect(problems(Self.strict(environment, ["OPERATOR_TOKEN": Self.token])) == [])
    }

    @Test func `the port is another than the server's`() {
        #expect(problems(["PORT": "9090", "ADMIN_PORT": "9090"]) == ["ADMIN_PORT is 9090, as PORT is [conflicting_values]"])
        #expect(problems(["ADMIN_PORT": "8080"]) == ["ADMIN_PORT is 8080, as PORT is [conflicting_values]"])
        #expect(problems(["PORT": "0", "ADMIN_PORT": "0"]) == [])
        #expect(problems(["PORT": "9090", "ADMIN_PORT": "9091"]) == [])
        for text in ["-1", "65536", "http"] { #expect(problems(["ADMIN_PORT": text]).first?.contains("must be a whole number") == true) }
    }
}
