import Foundation
import Testing

@testable import Seaworthy

struct DevelopmentKeysTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func load(_ environment: [String: String] = [:]) throws(SettingsError) -> Settings {
        try Settings.load(environment: environment, workingDirectory: folder.path)
    }

    private func problems(_ environment: [String: String] = [:]) -> [SettingsProblem] {
        settingsProblems { () throws(SettingsError) in try load(environment) }
    }

    @Test func `development makes its keys once, for its owner only`() throws {
        let first = try load().secretKeys
        #expect(try load().secretKeys.all == first.all)
        #expect(first.all.count == 1)
        #expect(first.first.count == "development-".count + 64)
        #expect(try folder.text(".seaworthy/secret-keys") == String(decoding: first.first, as: UTF8.self) + "\n")
        #expect(try folder.mode(".seaworthy/secret-keys") == 0o600)
        #expect(try folder.mode(".seaworthy") == 0o700)
        #expect(try folder.text(".seaworthy/.gitignore") == "*\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/.seaworthy").sorted() == [".gitignore", "secret-keys"])
    }

    @Test func `two folders have different keys`() throws {
        let other = try TemporaryFolder()
        #expect(try load().secretKeys.first != Settings.load(environment: [:], workingDirectory: other.path).secretKeys.first)
    }

    @Test func `a test has keys of its own each time and writes nothing`() throws {
        #expect(try load(["APP_ENV": "test"]).secretKeys.first != load(["APP_ENV": "test"]).secretKeys.first)
        #expect(try load(["APP_ENV": "test"]).secretKeys.first.count == 64)
        #expect(!folder.exists(".seaworthy"))
    }

    @Test func `keys that are set are taken, and none are made`() throws {
        #expect(try load(["SECRET_KEYS": String(repeating: "x", count: 32)]).secretKeys.first == Array(repeating: 120, count: 32))
        #expect(!folder.exists(".seaworthy"))
    }

    @Test func `a start that fails makes no keys`() {
        #expect(problems(["PORT": "x"]).count == 1)
        #expect(!folder.exists(".seaworthy"))
    }

    @Test(arguments: ["staging", "production"])
    func `the development key is refused where it counts`(environment: String) throws {
        let key = String(decoding: try load().secretKeys.first, as: UTF8.self)
        #expect(problems(["APP_ENV": environment, "SECRET_KEYS": key]).map(\.code) == [.developmentKey])
        try folder.write(SettingsLoadTests.strongKey + "\n", to: ".seaworthy/secret-keys")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.path + "/.seaworthy/secret-keys")
        #expect(problems(["APP_ENV": environment, "SECRET_KEYS": SettingsLoadTests.strongKey]).map(\.code) == [.developmentKey])
        #expect(problems(["APP_ENV": environment, "SECRET_KEYS": String(SettingsLoadTests.strongKey.reversed())]).isEmpty)
    }

    @Test func `each weak key is a problem of its own in production`() {
        let found = problems([
            "APP_ENV": "production", "SECRET_KEYS": String(repeating: "x", count: 32) + ",changeme-changeme-changeme-1234567",
        ])
        #expect(found.map(\.detail) == ["key 1 has fewer than 8 different bytes", "key 2 is a placeholder"])
        #expect(found.allSatisfy { $0.code == .weakSecret && $0.fix == "set SECRET_KEYS to the output of: openssl rand -hex 32" })
    }

    @Test func `a key file that others may read is refused`() throws {
        _ = try load()
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: folder.path + "/.seaworthy/secret-keys")
        #expect(problems().map(\.code) == [.insecureFile])
    }

    @Test func `a damaged key file is refused and not replaced`() throws {
        _ = try load()
        try folder.write("short\n", to: ".seaworthy/secret-keys")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.path + "/.seaworthy/secret-keys")
        #expect(problems().map(\.code) == [.invalidValue])
        #expect(try folder.text(".seaworthy/secret-keys") == "short\n")
    }

    @Test func `a folder that cannot be made is an error with a way out`() throws {
        try folder.write("in the way", to: ".seaworthy")
        let found = problems()
        #expect(found.map(\.subject) == [".seaworthy/secret-keys"])
        #expect(found.first?.fix.contains("set SECRET_KEYS") == true)
        #expect(throws: SettingsProblem.self) { try DevelopmentKeys.loadOrMake(in: folder.path + "/gone") }
    }

    @Test func `starts at the same time agree on the keys`() async throws {
        let path = folder.path
        let keys = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<16 { group.addTask { try DevelopmentKeys.loadOrMake(in: path).first } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(keys.count == 1)
    }
}
