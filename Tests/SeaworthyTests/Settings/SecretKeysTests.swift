import Foundation
import Testing

@testable import Seaworthy

struct SecretKeyPolicyTests {
    private static let strong = SettingsLoadTests.strongKey

    private func faults(_ text: String) -> [SecretKeyPolicy.Fault] {
        if case .failure(let faults) = SecretKeyPolicy.parse(text) { faults.list } else { [] }
    }

    private func weakness(_ key: String, development: SecretKeys? = nil) -> SecretKeyPolicy.Fault? {
        SecretKeyPolicy.weaknesses(of: SecretKeys(first: Array(key.utf8)), development: development).first
    }

    @Test func `the first key signs and all verify`() throws {
        let other = String(Self.strong.reversed())
        let keys = try SecretKeyPolicy.parse(" \(Self.strong) ,\t\(other)").get()
        #expect(keys.first == Array(Self.strong.utf8))
        #expect(keys.all == [Array(Self.strong.utf8), Array(other.utf8)])
    }

    @Test func `a key has at least 32 bytes`() {
        #expect(faults(String(Self.strong.prefix(32))) == [])
        #expect(faults(String(Self.strong.prefix(31))) == [.init(code: .weakSecret, detail: "key 1 has 31 bytes, and 32 are needed")])
        #expect(faults(String(repeating: "ä", count: 16)) == [])
    }

    @Test func `each faulty key is told by its place`() {
        #expect(faults("\(Self.strong),,\(Self.strong),x") == [
            .init(code: .invalidValue, detail: "key 2 is empty"), .init(code: .invalidValue, detail: "key 3 is the same as key 1"),
            .init(code: .weakSecret, detail: "key 4 has 1 bytes, and 32 are needed"),
        ])
    }

    @Test(arguments: [
        (String(repeating: "x", count: 40), "key 1 has fewer than 8 different bytes"),
        ("abcdefgaabcdefgbabcdefgcabcdefgd", "key 1 has fewer than 8 different bytes"),
        (String(repeating: "q7Zp2mX9", count: 4), "key 1 repeats a shorter text"), ("q7Zp2mX9rT4w5Yb8q7Zp2mX9rT4w5Yb8", "key 1 repeats a shorter text"),
        ("abcdefghijklmnopqrstuvwxyz012345", "key 1 runs through the alphabet or the digits"),
        ("zyxwvutsrqponmlkjihgfedcba987654", "key 1 runs through the alphabet or the digits"),
        ("please-Change_Me-before-production-91", "key 1 is a placeholder"), ("my-very-own-password-for-this-app-3", "key 1 is a placeholder"),
        ("your secret: 8f3a9c2b7d1e6045aa91", "key 1 is a placeholder"),
    ])
    func `a key that is easily guessed is weak`(key: String, detail: String) {
        #expect(weakness(key) == .init(code: .weakSecret, detail: detail))
    }

    @Test(arguments: [SettingsLoadTests.strongKey, "q7Zp2mX9rT4w5Yb8q7Zp2mX9rT4w5Yb9", "abcdefghaabcdefgbabcdefgcabcdefgx"])
    func `other keys are not`(key: String) {
        #expect(weakness(key) == nil)
    }

    @Test func `random keys are never called weak`() {
        for _ in 0..<1000 { #expect(weakness(DevelopmentKeys.randomText()) == nil) }
    }

    @Test func `a development key is recognised by its beginning and by the file`() {
        let development = SecretKeys(first: Array("other".utf8), older: [Array(Self.strong.utf8)])
        #expect(weakness("development-" + Self.strong) == .init(code: .developmentKey, detail: "key 1 was made for development"))
        #expect(weakness(Self.strong, development: development)?.code == .developmentKey)
        #expect(weakness(String(Self.strong.reversed()), development: development) == nil)
    }

    @Test func `keys are never printed`() throws {
        let keys = SecretKeys(first: Array(Self.strong.utf8))
        var dumped = ""
        dump(keys, to: &dumped)
        for text in ["\(keys)", String(reflecting: keys), dumped, "\([keys])"] {
            #expect(text.contains("SecretKeys(1, redacted)"))
            #expect(!text.contains("57") && !text.contains(Self.strong))
        }
    }
}

struct DevelopmentKeysTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func load(_ environment: [String: String] = [:]) throws(SettingsError) -> Settings {
        try Settings.load(environment: environment, workingDirectory: folder.path)
    }

    private func problems(_ environment: [String: String] = [:]) -> [SettingsProblem] {
        do {
            _ = try load(environment)
            return []
        } catch {
            return error.problems
        }
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
        let found = problems(["APP_ENV": "production", "SECRET_KEYS": String(repeating: "x", count: 32) + ",changeme-changeme-changeme-1234567"])
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
