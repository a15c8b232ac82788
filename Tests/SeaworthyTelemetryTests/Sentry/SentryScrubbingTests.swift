import Logging
import Testing

@testable import SeaworthyTelemetry

@Suite struct `What never leaves for Sentry` {
    private let scrubbing = SentryScrubbing(LogRedaction(secrets: ["very-secret-value"]))

    @Test(arguments: [
        ("from ada@example.com.", "from [email]."),
        ("<ada.l+tag@mail.example.co.uk>, 'bob@localhost'", "<[email]>, '[email]'"),
        ("jürgen@exämple.de", "[email]"),
        ("10.0.0.1:5432 refused, 192.168.1.254", "[address]:5432 refused, [address]"),
        ("«10.0.0.1»", "«[address]»"), ("203.0.113.9–203.0.113.12", "[address]–[address]"), ("ip:203.0.113.9", "ip:[address]"),
        ("tcp:203.0.113.9:5432", "tcp:[address]:5432"), ("fe80::1%eth0", "[address]%eth0"), ("203.0.113.9…", "[address]…"),
        ("at ::1, fe80::1ff:fe23:4567:890a and 2001:db8:0:0:0:0:0:7: away", "at [address], [address] and [address]: away"),
        ("::ffff:10.0.0.1", "[address]"),
    ]) func `are addresses of people and of machines`(_ text: String, _ shown: String) {
        #expect(scrubbing.text(text, limit: 200) == shown)
    }

    @Test(arguments: [
        "at 12:30:45 of version 1.2.3", "@ home", "a @ b", "user@", "1.2.3.4.5", "Swift::String", "a::b::g", "storage.disconnected: gone",
        "1.2.3.4444", "::", "", "a: b",
    ]) func `are not words that only look alike`(_ text: String) {
        #expect(scrubbing.text(text, limit: 200) == text)
    }

    @Test func `are the secrets that the log hides, also where a text is cut`() {
        #expect(scrubbing.text("is very-secret-value here", limit: 200) == "is [redacted] here")
        #expect(scrubbing.text("Bearer abcdefghijklmnop", limit: 200) == "Bearer [redacted]")
        #expect(scrubbing.text("is very-secret-value here", limit: 8) == "is [redacted]…")
        #expect(scrubbing.text(String(repeating: "x", count: 300), limit: 200) == String(repeating: "x", count: 200) + "…")
    }

    @Test func `are values under keys that name secrets, at any depth`() {
        let texts = scrubbing.texts(
            [
                "password": "hunter2", "who": "ada@example.com", "n": .stringConvertible(7), "list": ["a", "10.0.0.1"],
                "deep": ["apiKey": "hush", "plain": "yes"],
            ], maximum: 4, limit: 100)
        #expect(
            texts.map { "\($0.0)=\($0.1)" } == ["deep={apiKey=[redacted], plain=yes}", "list=[a, [address]]", "n=7", "password=[redacted]"])
    }
}

@Suite struct `Breadcrumbs` {
    private func crumb(_ text: String) -> SentryBreadcrumbs.Crumb {
        SentryBreadcrumbs.Crumb(milliseconds: 0, level: "info", label: "a", message: text, data: [])
    }

    @Test func `are the lines of one request in their order`() {
        let crumbs = SentryBreadcrumbs(capacity: 4)
        for (id, text) in [("a", "1"), ("b", "2"), ("a", "3")] { crumbs.add(crumb(text), requestID: id) }
        #expect(crumbs.of("a").map(\.message) == ["1", "3"])
        #expect(crumbs.of("c").isEmpty)
    }

    @Test func `are kept within a bound, the newest`() {
        let crumbs = SentryBreadcrumbs(capacity: 4)
        for number in 1...10 { crumbs.add(crumb("\(number)"), requestID: "a") }
        #expect(crumbs.of("a").map(\.message) == ["7", "8", "9", "10"])
        let many = SentryBreadcrumbs()
        for number in 1...2000 { many.add(crumb("\(number)"), requestID: "a") }
        #expect(many.of("a").map(\.message) == (1951...2000).map(String.init))
    }
}
