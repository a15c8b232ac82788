package import SeaworthyData

/// How people are known. From `JWT_SIGNING_KEYS`, `ACCESS_TOKEN_TTL`, `REFRESH_TOKEN_TTL`, `PUBLIC_URL` and `OIDC_CLIENT_SECRETS`.
package struct IdentityOptions: Sendable {
    package let signingKeys: SigningKeys
    package let settings: IdentitySettings
    /// What providers of OpenID Connect know this application by, by the provider's name in the schema. From `OIDC_CLIENT_SECRETS`.
    package let clientSecrets: [String: String]
}

extension Settings {
    static func identity(
        _ reading: inout SettingsReading, _ environment: AppEnvironment?, _ secretKeys: SecretKeys?
    ) -> IdentityOptions? {
        var settings = IdentitySettings()
        let access = reading.duration("ACCESS_TOKEN_TTL")
        let refresh = reading.duration("REFRESH_TOKEN_TTL")
        let url = reading.text("PUBLIC_URL")
        if let url, environment?.isStrict == true, PublicURL.isOpen(url) {
            reading.report(
                SettingsProblem(
                    .invalidValue, "PUBLIC_URL", "is not https, and APP_ENV is \(environment?.rawValue ?? "")",
                    fix: "write PUBLIC_URL=https://…, and set TLS_CERT_FILE or have a proxy before the server that speaks HTTPS"))
        }
        let keys = signingKeys(&reading, secretKeys)
        let secrets = clientSecrets(&reading)
        guard let access, let refresh, let keys else { return nil }
        if access >= refresh {
            reading.report(
                SettingsProblem(
                    .conflictingValues, "ACCESS_TOKEN_TTL", "is not shorter than REFRESH_TOKEN_TTL",
                    fix: "make it minutes, and REFRESH_TOKEN_TTL days"))
        }
        settings.accessTokenLifetime = access
        settings.refreshTokenLifetime = refresh
        settings.publicURL = url
        settings.passwordThreads = max(1, reading.machine.processorCount / 2)
        return IdentityOptions(signingKeys: keys, settings: settings, clientSecrets: secrets)
    }

    private static func clientSecrets(_ reading: inout SettingsReading) -> [String: String] {
        let name = "OIDC_CLIENT_SECRETS"
        guard let text = reading.text(name) else { return [:] }
        var secrets: [String: String] = [:]
        for (index, part) in text.split(whereSeparator: { $0 == "," || $0.isNewline }).enumerated() {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2, secrets.updateValue(pair[1], forKey: pair[0]) == nil else {
                reading.report(
                    SettingsProblem(
                        .invalidValue, name, "entry \(index + 1) is not of the form PROVIDER=SECRET, or names a provider again",
                        fix: "write one entry for each provider, separated by commas or line breaks"))
                return [:]
            }
        }
        return secrets
    }

    private static func signingKeys(_ reading: inout SettingsReading, _ secretKeys: SecretKeys?) -> SigningKeys? {
        let name = "JWT_SIGNING_KEYS"
        guard !reading.hasFailed(name), let text = reading.text(name) else {
            return secretKeys.map { SigningKeys(secretKeys: $0.all) }
        }
        do {
            return try SigningKeys(pem: text)
        } catch {
            let make = "make one with: openssl genpkey -algorithm ed25519"
            let (detail, fix) =
                switch error {
                case .empty: ("holds no key", make)
                case .tooMany(let count): ("holds \(count) keys; at most \(SigningKeys.maximumCount) are taken", "take the oldest out")
                case .unreadable(let place):
                    ("key \(place) is no private key in PEM, PKCS#8, of Ed25519 or P-256", make)
                case .repeated(let place): ("key \(place) stands before already", "take it out")
                }
            reading.report(SettingsProblem(.invalidValue, name, detail, fix: fix))
            return nil
        }
    }
}
