package import SeaworthyTelemetry

/// Where errors are reported, and what they say of where they come from. From `SENTRY_DSN`, `SENTRY_ENVIRONMENT` and `SENTRY_RELEASE`.
package struct SentrySettings: Sendable {
    /// This server's version, as Sentry names releases.
    static let standardRelease = "seaworthy@\(ApplicationVersion.text.prefix { $0 != " " })"

    package let dsn: SentryDSN
    package let origin: SentryOrigin
}

extension Settings {
    static func sentry(_ reading: inout SettingsReading, _ environment: AppEnvironment?) -> SentrySettings? {
        let text = reading.text("SENTRY_DSN")
        let name = reading.text("SENTRY_ENVIRONMENT") ?? environment?.rawValue ?? ""
        let release = reading.text("SENTRY_RELEASE") ?? SentrySettings.standardRelease
        // What Sentry would cross out of each event is better known at the start.
        if reading.isGiven("SENTRY_ENVIRONMENT"), !isEnvironment(name) {
            reading.report(
                SettingsProblem(
                    .invalidValue, "SENTRY_ENVIRONMENT", "must be 1 to 64 letters, digits, - . or _, and not none",
                    fix: "write for instance SENTRY_ENVIRONMENT=production"))
        }
        if !isRelease(release) {
            reading.report(
                SettingsProblem(
                    .invalidValue, "SENTRY_RELEASE", "must be 1 to 200 characters without line breaks, tabs, / and \\, and not . or ..",
                    fix: "write for instance SENTRY_RELEASE=portal@2.5.0"))
        }
        guard let text else { return nil }
        do {
            return SentrySettings(
                dsn: try SentryDSN(text), origin: SentryOrigin(environment: name, release: release, version: ApplicationVersion.text))
        } catch {
            reading.report(SettingsProblem(.invalidValue, "SENTRY_DSN", error.detail, fix: SentryDSN.Problem.fix))
            return nil
        }
    }

    private static func isEnvironment(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.lowercased() != "none"
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-._".utf8.contains(byte)
                }
            }
    }

    private static func isRelease(_ text: String) -> Bool {
        (1...200).contains(text.count) && text != "." && text != ".." && text.utf8.contains { $0 != 0x20 }
            && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\") }
    }
}
