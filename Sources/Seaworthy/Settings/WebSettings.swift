import SeaworthyData
package import SeaworthyHTTP

/// What the server holds clients to, and browsers above all. From `TRUSTED_PROXIES`, beside `PUBLIC_URL`.
package struct WebSettings: Sendable {
    package let trustedProxies: TrustedProxies
    /// Nil where clients may come in clear.
    package let requirement: HTTPSRequirement?
}

extension Settings {
    /// - Parameter publicURL: of `PUBLIC_URL`.
    static func web(_ reading: inout SettingsReading, _ environment: AppEnvironment?, publicURL: String?) -> WebSettings {
        let proxies = trustedProxies(&reading, environment)
        // Without a proxy that tells, and without TLS of its own, nobody knows how a request came.
        let requirement = proxies.isEmpty ? nil : publicURL.flatMap(HTTPSRequirement.init)
        return WebSettings(trustedProxies: proxies, requirement: requirement)
    }

    private static func trustedProxies(_ reading: inout SettingsReading, _ environment: AppEnvironment?) -> TrustedProxies {
        let name = "TRUSTED_PROXIES"
        let texts = reading.texts(name) ?? []
        let ranges = texts.compactMap { AddressRange($0) }
        if let environment, environment.isStrict, ranges.contains(where: \.holdsEverything) {
            reading.report(
                SettingsProblem(
                    .invalidValue, name, "trusts every address, so that anybody may say where they come from",
                    fix: "name the addresses of the proxies alone"))
        }
        return TrustedProxies(ranges)
    }
}
