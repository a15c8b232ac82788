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
        #expect(
            faults("\(Self.strong),,\(Self.strong),x") == [
                .init(code: .invalidValue, detail: "key 2 is empty"), .init(code: .invalidValue, detail: "key 3 is the same as key 1"),
                .init(code: .weakSecret, detail: "key 4 has 1 bytes, and 32 are needed"),
            ])
    }

    @Test(arguments: [
        (String(repeating: "x", count: 40), "key 1 has fewer than 8 different bytes"),
        ("abcdefgaabcdefgbabcdefgcabcdefgd", "key 1 has fewer than 8 different bytes"),
        (String(repeating: "q7Zp2mX9", count: 4), "key 1 repeats a shorter text"),
        ("q7Zp2mX9rT4w5Yb8q7Zp2mX9rT4w5Yb8", "key 1 repeats a shorter text"),
        ("abcdefghijklmnopqrstuvwxyz012345", "key 1 runs through the alphabet or the digits"),
        ("zyxwvutsrqponmlkjihgfedcba987654", "key 1 runs through the alphabet or the digits"),
        ("please-Change_Me-before-production-91", "key 1 is a placeholder"),
        ("my-very-own-password-for-this-app-3", "key 1 is a placeholder"),
        ("your secret: 8f3a9c2b7d1e6045aa91", "key 1 is a placeholder"),
    ])
    func `a key that is easily guessed is weak`(key: String, detail: String) {
        #expect(weakness(key) == .init(code: .weakSecret, detail: detail))
    }

    @Test(arguments: [SettingsLoadTests.strongKey, "q7Zp2mX9rT4w5Yb8q7Zp2mX9rT4w5Yb9", "ahbgcfdeeafbhcgdadgbfchehbecgafd"])
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
