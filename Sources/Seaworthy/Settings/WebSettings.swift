package import SeaworthyHTTP
import SeaworthySchema

/// How clients reach the server, and what it holds them to, browsers above all. From `TLS_CERT_FILE`, `TLS_KEY_FILE`, `TRUSTED_PROXIES`,
/// `CORS_ALLOWED_ORIGINS` and `COOKIE_DOMAIN`, beside `PUBLIC_URL`.
package struct WebSettings: Sendable {
    /// Nil where the server speaks in clear. From `TLS_CERT_FILE` and `TLS_KEY_FILE`.
    package let tls: TLSFiles?
    package let trustedProxies: TrustedProxies
    /// Nil where clients may come in clear, or where nobody tells how they came: without proxies. With its own TLS the server takes nothing else.
    package let requirement: HTTPSRequirement?
    /// Whose pages may call the server, beside its own.
    package let allowedOrigins: AllowedOrigins
    /// Whose hosts share the cookies of sessions; nil for this host alone.
    package let cookieDomain: String?
}

extension WebSettings {
    /// What keeps the server from speaking TLS with its files. Only who serves looks: every other command does without the certificate.
    package func certificateProblem() -> SettingsProblem? {
        guard let tls else { return nil }
        do {
            _ = try TLSIdentity(tls, now: Int(WallClock.microseconds() / 1_000_000))
            return nil
        } catch {
            return SettingsProblem(.invalidValue, error.place == .key ? "TLS_KEY_FILE" : "TLS_CERT_FILE", error.reason, fix: error.fix)
        }
    }
}

extension Settings {
    /// - Parameter publicURL: of `PUBLIC_URL`.
    static func web(_ reading: inout SettingsReading, _ environment: AppEnvironment?, publicURL: String?) -> WebSettings {
        let proxies = trustedProxies(&reading, environment)
        // Without a proxy that tells, and without TLS of its own, nobody knows how a request came.
        let requirement = proxies.isEmpty ? nil : publicURL.flatMap(HTTPSRequirement.init)
        return WebSettings(
            tls: tls(&reading), trustedProxies: proxies, requirement: requirement, allowedOrigins: allowedOrigins(&reading, environment),
            cookieDomain: cookieDomain(&reading, publicURL))
    }

    private static func tls(_ reading: inout SettingsReading) -> TLSFiles? {
        let names = ["TLS_CERT_FILE", "TLS_KEY_FILE"]
        let paths = names.map { reading.text($0) }
        if let missing = names.firstIndex(where: { !reading.isGiven($0) }), reading.isGiven(names[1 - missing]) {
            reading.report(
                SettingsProblem(
                    .missing, names[missing], "is not set, and \(names[1 - missing]) is", fix: "set both, or none to speak in clear"))
        }
        guard let certificate = paths[0], let key = paths[1] else { return nil }
        return TLSFiles(certificate: certificate, key: key)
    }

    private static func allowedOrigins(_ reading: inout SettingsReading, _ environment: AppEnvironment?) -> AllowedOrigins {
        let name = "CORS_ALLOWED_ORIGINS"
        let origins: AllowedOrigins
        do {
            origins = try AllowedOrigins(reading.texts(name) ?? [])
        } catch {
            reading.report(
                SettingsProblem(
                    .invalidValue, name, "«\(error.entry)» \(error.reason)",
                    fix: "write for instance \(name)=https://app.example.com,https://*.example.com,docs=*"))
            return AllowedOrigins()
        }
        guard let environment, environment.isStrict else { return origins }
        if origins.groupsOfAnyone.contains(.auth) {
            reading.report(
                SettingsProblem(
                    .invalidValue, name, "lets every page to the routes that sign people in, whose answers are credentials",
                    fix: "name the origins, or open the others alone: data=*,docs=*"))
        }
        if let open = origins.open.first {
            reading.report(
                SettingsProblem(
                    .invalidValue, name, "allows \(open), whose pages can be changed on their way", fix: "write https://\(open.host)"))
        }
        return origins
    }

    private static func cookieDomain(_ reading: inout SettingsReading, _ publicURL: String?) -> String? {
        guard let domain = reading.text("COOKIE_DOMAIN") else { return nil }
        if let host = publicURL.flatMap(PublicURL.host(of:)), host != domain, !host.hasSuffix(".\(domain)") {
            reading.report(
                SettingsProblem(
                    .conflictingValues, "COOKIE_DOMAIN", "is \(domain), and PUBLIC_URL is of \(host), which is no host of it",
                    fix: "name the domain that both are of, or unset it"))
        }
        return domain
    }

    private static func trustedProxies(_ reading: inout SettingsReading, _ environment: AppEnvironment?) -> TrustedProxies {
        let name = "TRUSTED_PROXIES"
        let texts = reading.texts(name) ?? []
        let ranges = texts.compactMap { AddressRange($0) }
        if let environment, environment.isStrict, ranges.contains(where: \.holdsStrangers) {
            reading.report(
                SettingsProblem(
                    .invalidValue, name, "trusts a large part of all addresses, so that strangers may say where they come from",
                    fix: "name the addresses of the proxies alone"))
        }
        return TrustedProxies(ranges)
    }
}
