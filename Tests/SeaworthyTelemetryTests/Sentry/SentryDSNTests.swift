import Testing

@testable import SeaworthyTelemetry

@Suite struct `A DSN` {
    private static let key = "0123456789abcdef0123456789abcdef"  // not-a-secret

    private func problem(_ text: String) -> String? {
        do {
            _ = try SentryDSN(text)
            return nil
        } catch {
            return error.detail
        }
    }

    @Test(arguments: [
        ("https://\(key)@o1.ingest.sentry.io/42", "https://o1.ingest.sentry.io/api/42/envelope/"),
        ("https://\(key)@sentry.example:9000/42", "https://sentry.example:9000/api/42/envelope/"),
        ("http://\(key)@localhost:9000/errors/deep/42", "http://localhost:9000/errors/deep/api/42/envelope/"),
        ("http://\(key)@[::1]:9000/42", "http://[::1]:9000/api/42/envelope/"),
        ("http://\(key)@[::1]/42", "http://[::1]/api/42/envelope/"),
        // Old ones have a secret, which nobody asks for any more.
        ("https://\(key):hush@sentry.example/my-project", "https://sentry.example/api/my-project/envelope/"),  // not-a-secret
    ]) func `says where envelopes go and as whom`(_ text: String, _ url: String) throws {
        let dsn = try SentryDSN(text)
        #expect(dsn.envelopeURL == url)
        #expect(dsn.publicKey == Self.key)
        #expect(
            dsn.authorization(client: "seaworthy/1.2") == "Sentry sentry_version=7, sentry_client=seaworthy/1.2, sentry_key=\(Self.key)")
    }

    @Test func `is refused by what is wrong with it, of which nothing is quoted`() {
        for (text, detail) in [
            ("", "begins neither with https:// nor with http://"),
            ("ftp://\(Self.key)@host/1", "begins neither with https:// nor with http://"),
            ("\(Self.key)@host/1", "begins neither with https:// nor with http://"),
            ("https://\(Self.key)@host", "names no project"),
            ("https://\(Self.key)@host/", "names no project"),
            ("https://\(Self.key)@host/1/", "names no project"),
            ("https://\(Self.key)@host/a.b", "names no project"),
            ("https://host/1", "has no key before the host"),
            ("https://a@b@host/1", "has no key before the host"),
            ("https://@host/1", "has a key that is none"),
            ("https://:secret@host/1", "has a key that is none"),
            ("https://a%20b@host/1", "has a key that is none"),
            ("https://\(Self.key)@/1", "has no host"),
            ("https://\(Self.key)@:80/1", "has no host"),
            ("https://\(Self.key)@[]/1", "has no host"),
            ("https://\(Self.key)@host:0/1", "has a port that is no number from 1 to 65535"),
            ("https://\(Self.key)@host:65536/1", "has a port that is no number from 1 to 65535"),
            ("https://\(Self.key)@host:/1", "has a port that is no number from 1 to 65535"),
            ("https://\(Self.key)@[::1]x/1", "has a port that is no number from 1 to 65535"),
            ("https://\(Self.key)@host/1?a=b", "has a query or a fragment"),
            ("https://\(Self.key)@host/1#a", "has a query or a fragment"),
            ("https://\(Self.key)@ho st/1", "is longer than 1024 bytes, or has a space or a character that no DSN has"),
            ("https://\(Self.key)@hö/1", "is longer than 1024 bytes, or has a space or a character that no DSN has"),
            ("https://\(Self.key)@host/1\r\nx: y", "is longer than 1024 bytes, or has a space or a character that no DSN has"),
            (
                "https://\(Self.key)@\(String(repeating: "h", count: 1024))/1",
                "is longer than 1024 bytes, or has a space or a character that no DSN has"
            ),
        ] {
            #expect(problem(text) == detail, "\(text)")
        }
    }

    @Test func `shows nothing when it is printed`() throws {
        let dsn = try SentryDSN("https://\(Self.key)@host/1")
        var dumped = ""
        dump(dsn, to: &dumped)
        for text in ["\(dsn)", String(reflecting: dsn), dumped] { #expect(!text.contains("0123456789")) }
    }
}
