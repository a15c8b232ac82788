import Foundation
import Logging
import SeaworthyTelemetry
import Testing

@testable import Seaworthy

struct SettingsFromFilesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func load(_ environment: [String: String]) throws(SettingsError) -> Settings {
        try Settings.load(environment: environment, workingDirectory: folder.path)
    }

    private func problems(_ environment: [String: String]) -> [SettingsProblem] {
        settingsProblems { () throws(SettingsError) in try load(environment) }
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
        #expect(
            problems(["SECRET_KEYS_FILE": "gone"]).map(\.description) == [
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
        try folder.write("# first\nPORT=x\nPOSTHOG_API_KEY=https://h\nwhat\nDATABASE_USER=u\nHOST_FILE=gone\n", to: ".env")
        #expect(
            problems([:]).map(\.description) == [
                ".env line 4 is not an assignment; write NAME=value, or begin the line with # to make it a comment [environment_file_syntax]",
                "HOST_FILE names gone, which cannot be read: No such file or directory (.env line 6); make it readable, or unset HOST_FILE [unreadable_file]",
                "PORT must be a whole number from 0 to 65535, but is \"x\" (.env line 2); set PORT to such a number, or unset it [invalid_value]",
                "POSTHOG_API_KEY is not supported in this version (.env line 3); unset it [not_supported]",
                "DATABASE_USER is not a setting (.env line 5); did you mean DATABASE_URL? Rename it, or unset it [unknown_setting]",
            ])
    }

    @Test func `a value that could not be read is one problem and not also missing`() throws {
        try folder.write("nonsense\n", to: ".env")
        #expect(problems(["APP_ENV_FILE": "gone"]).map(\.subject) == ["APP_ENV_FILE"])
        #expect(problems(["APP_ENV": "production", "SECRET_KEYS_FILE": "gone"]).map(\.code) == [.unreadableFile])
    }

    @Test func `an unreadable .env is an error and a missing one is not`() throws {
        #expect(problems([:]).isEmpty)
        let other = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: other.path + "/.env", withIntermediateDirectories: false)
        let error = #expect(throws: SettingsError.self) { try Settings.load(environment: [:], workingDirectory: other.path) }
        #expect(
            error?.problems.map(\.description) == [
                ".env cannot be read: Is a directory; make it readable, or delete it [unreadable_file]"
            ])
    }
}
