/// Where events come from.
package struct SentryOrigin: Sendable {
    package var environment: String
    package var release: String
    /// Of this server.
    package var version: String

    package init(environment: String, release: String, version: String) {
        self.environment = environment
        self.release = release
        self.version = version
    }
}
