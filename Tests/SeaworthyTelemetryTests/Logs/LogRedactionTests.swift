import Testing

@testable import SeaworthyTelemetry

struct LogRedactionTests {
    @Test(arguments: [
        "authorization", "Proxy-Authorization", "cookie", "Set-Cookie", "password", "user.password", "passwordHash", "PASSWD", "token",
        "accessToken", "refresh_token", "X-CSRF-Token", "tokens", "secret", "client_secret", "SECRET_KEYS", "api-key", "X-Api-Key",
        "apiKeys",
        "private_key", "signing.key", "BACKUP_ENCRYPTION_KEY", "credentials", "DATABASE_URL", "redisUrl", "sentry_dsn",
    ])
    func `a value under such a key is hidden`(key: String) {
        #expect(LogRedaction.hides(key))
    }

    @Test(arguments: ["requestId", "tokenCount", "path", "key", "status", "url", "keys", "author", "pass", ""])
    func `a value under another key is shown`(key: String) {
        #expect(!LogRedaction.hides(key))
    }

    private static let jwt = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"  // not-a-secret

    @Test(arguments: [
        ("token \(jwt) came", "token [redacted] came"), ("\(jwt)", "[redacted]"), ("\(jwt),\(jwt)", "[redacted],[redacted]"),
        ("x_\(jwt)", "x_[redacted]"),
        ("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "[redacted]"), ("key sw_0123456789abcdef_xyz is over", "key [redacted] is over"),
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer [redacted]"), ("basic dXNlcjpwYXNz", "basic [redacted]"),
        ("no postgres://ann:pass%20word@db:5432/shop", "no postgres://[redacted]@db:5432/shop"),  // not-a-secret
        ("smtp://u:p@ss@mail.example.com", "smtp://[redacted]@mail.example.com"),  // not-a-secret
        ("-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----\nrest", "[redacted]\nrest"),  // not-a-secret
        ("-----BEGIN EC PRIVATE KEY-----\nMC4CAQ", "[redacted]"),  // not-a-secret
    ])
    func `what looks like a secret is hidden wherever it stands`(text: String, expected: String) {
        #expect(LogRedaction().masked(text) == expected)
    }

    @Test(arguments: [
        "", "nothing", "eyJust a word", "eyJ.a.b", "sw_short", "answer_sw_0123456789abcdef", "Bearer x", "the bearer of news",
        "basic facts",
        "https://example.com/a@b", "postgres://db:5432/shop", "postgres://ann@db/shop", "a://b:c/d@e", "-----BEGIN CERTIFICATE-----\nMC4\n",
        "Größe :// 👨‍👩‍👧 eyJ", "s", "e", ":", "b", "-",
    ])
    func `what does not is shown as it is`(text: String) {
        #expect(LogRedaction().masked(text) == text)
    }

    private func cut(_ text: String, _ limit: Int) -> String {
        LogRedaction(secrets: ["correct horse"]).masked(text[...], limit: limit)
    }

    @Test func `text is cut at its limit, between scalars`() {
        #expect(cut("abcd", 4) == "abcd")
        #expect(cut("abcde", 4) == "abcd…")
        #expect(cut("abcé", 4) == "abc…")
        #expect(cut("ab🚢", 5) == "ab…")
        #expect(cut("ab🚢", 6) == "ab🚢")
        #expect(cut("🚢", 1) == "…")
        #expect(cut("", 0) == "")
    }

    @Test func `a secret over the end of a cut text is hidden whole, and one behind it is not told`() {
        #expect(cut("/x/correct horse", 8) == "/x/[redacted]…")
        #expect(cut("correct horse and more", 14) == "[redacted] …")
        #expect(cut("/x/y/z correct horse", 6) == "/x/y/z".prefix(6) + "…")
        #expect(cut("/\(Self.jwt)/tail", 5) == "/[redacted]…")
        // However long it is: what cannot be seen whole begins behind the end.
        let long = "eyJ" + String(repeating: "A", count: 3000) + "." + String(repeating: "B", count: 9000)
        #expect(cut("12345" + " " + long, 10) == "12345 [redacted]…")
    }

    /// Each would take hours if every beginning were looked through to the end of the text.
    @Test(arguments: ["eyJ", "eyJAAAAAAA.", "://a:", "-----BEGIN ", "sw_", "bearer ", "basic", ":", "-"])
    func `long texts cost no more than their length`(part: String) {
        let text = String(repeating: part, count: 400_000 / part.utf8.count)
        #expect(LogRedaction().masked(text).utf8.count <= text.utf8.count)
    }

    @Test func `the server's own secrets are hidden, whatever they look like`() {
        let redaction = LogRedaction(secrets: ["correct horse", "correct horse battery", "short", "größer als"])
        #expect(redaction.masked("say correct horse battery twice: correct horse") == "say [redacted] twice: [redacted]")
        #expect(redaction.masked("a short größer als b") == "a short [redacted] b")
        #expect(redaction.masked("correct horsecorrect horse") == "[redacted][redacted]")
        #expect(LogRedaction().masked("correct horse") == "correct horse")
    }
}
