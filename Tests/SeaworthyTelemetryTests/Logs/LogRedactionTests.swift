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
}
