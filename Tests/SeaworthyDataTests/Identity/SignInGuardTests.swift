import Testing

@testable import SeaworthyData

@Suite struct `The guard of sign-ins` {
    private static let now: Int64 = 1_000_000_000_000

    /// Attempts, the newest first, a second apart.
    private static func failures(_ count: Int, from network: String = "a", until: Int64 = now) -> [SignInGuard.Attempt] {
        (0..<count).map { SignInGuard.Attempt(at: until - Int64($0) * 1_000_000, network: network, isSuccess: false) }
    }

    private static func wait(_ attempts: [SignInGuard.Attempt], from network: String = "a", isKnown: Bool = true, now: Int64 = now)
        -> Duration?
    {
        SignInGuard.wait(attempts, network: network, isKnown: isKnown, now: now)
    }

    @Test(arguments: [(0, nil), (4, nil), (5, 1), (6, 2), (7, 4), (10, 32), (14, 512), (15, 900), (400, 900)] as [(Int, Int?)])
    func `doubles the wait with each failure of a network, up to a quarter of an hour`(_ count: Int, _ seconds: Int?) {
        #expect(Self.wait(Self.failures(count)) == seconds.map { .seconds($0) })
    }

    @Test func `counts the time that has passed`() {
        #expect(Self.wait(Self.failures(7), now: Self.now + 1_500_000) == .milliseconds(2500))
        #expect(Self.wait(Self.failures(7), now: Self.now + 4_000_000) == nil)
    }

    @Test func `begins anew with a success from there`() {
        let success = SignInGuard.Attempt(at: Self.now - 4_500_000, network: "a", isSuccess: true)
        let attempts = (Self.failures(8) + [success]).sorted { $0.at > $1.at }
        // Five failures are newer than it.
        #expect(Self.wait(attempts) == .seconds(1))
        #expect(Self.wait([SignInGuard.Attempt(at: Self.now, network: "a", isSuccess: true)] + Self.failures(8)) == nil)
        // One from elsewhere changes nothing.
        #expect(Self.wait([SignInGuard.Attempt(at: Self.now, network: "b", isSuccess: true)] + Self.failures(8)) == .seconds(8))
    }

    @Test func `is not moved by failures from elsewhere where the account was signed in before`() {
        let attack = (0..<500).map { SignInGuard.Attempt(at: Self.now, network: "n\($0)", isSuccess: false) }
        #expect(Self.wait(attack, from: "home", isKnown: true) == nil)
        #expect(Self.wait(attack, from: "n600", isKnown: false) == .seconds(900))
        #expect(Self.wait(Array(attack.prefix(49)), from: "n600", isKnown: false) == nil)
        #expect(Self.wait(Array(attack.prefix(51)), from: "n600", isKnown: false) == .seconds(2))
    }
}

@Suite struct `An e-mail address` {
    @Test(arguments: [
        ("ann@example.com", "ann@example.com"), ("Ann.O'Hara+tag@Mail.Example.COM", "ann.o'hara+tag@mail.example.com"),
        ("a@localhost", "a@localhost"), ("x@xn--bcher-kva.example", "x@xn--bcher-kva.example"),
    ])
    func `is kept in lower case`(_ text: String, _ canonical: String) {
        #expect(EmailAddress.canonical(text) == canonical)
    }

    @Test(arguments: [
        "", "ann", "@example.com", "ann@", "ann@example", "ann@@example.com", "a b@example.com", "ann@exa mple.com", "ann@-example.com",
        "ann@example-.com", ".ann@example.com", "ann.@example.com", "a..n@example.com", "ann@example..com", "\"a\"@example.com",
        "ann@[192.0.2.1]", "ann@example.com\r\nBcc: x@example.com", "ann\u{212A}@example.com", "ünn@example.com", "ann@exämple.com",
        "ann@example.com\u{0}", "\(String(repeating: "a", count: 65))@example.com",
        "a@\(String(repeating: "b", count: 64)).com", "a@\(Array(repeating: "bbbbbbbbbb", count: 25).joined(separator: ".")).com",
    ])
    func `is none that mail could not be sent to, or that another could be taken for`(_ text: String) {
        #expect(EmailAddress.canonical(text) == nil)
    }
}
