package import SeaworthyHTTP

/// Who sees operators' pages, and where. From `OPERATOR_TOKEN` and `ADMIN_PORT`.
package struct OperatorSettings: Sendable {
    /// Shows them on the server's own port; nil where nothing does.
    package let token: OperatorToken?
    /// Where they are open; nil for nowhere. 0 lets the system choose.
    package let port: Int?
    /// Whether everybody sees them on the server's own port: in development, where nothing else was said.
    package let areOpen: Bool

    /// Who sees them on the server's own port; nil for nobody.
    package var access: HiddenRoutes.Access? {
        token.map(HiddenRoutes.Access.bearer) ?? (areOpen ? .everyone : nil)
    }
}

extension Settings {
    /// - Parameters:
    ///   - port: the server's own.
    ///   - keys: what no token may be.
    static func operators(
        _ reading: inout SettingsReading, _ environment: AppEnvironment?, port: Int?, keys: SecretKeys?
    ) -> OperatorSettings {
        let admin = reading.integer("ADMIN_PORT")
        if let admin, admin == port, admin != 0 {
            reading.report(
                SettingsProblem(
                    .conflictingValues, "ADMIN_PORT", "is \(admin), as PORT is", fix: "choose another, or 0 for a free one"))
        }
        return OperatorSettings(
            token: operatorToken(&reading, environment, keys), port: admin,
            areOpen: environment == .development && !reading.isGiven("OPERATOR_TOKEN") && !reading.isGiven("ADMIN_PORT"))
    }

    private static func operatorToken(
        _ reading: inout SettingsReading, _ environment: AppEnvironment?, _ keys: SecretKeys?
    ) -> OperatorToken? {
        let name = "OPERATOR_TOKEN"
        guard let text = reading.text(name) else { return nil }
        let bytes = Array(text.utf8)
        if let fault = operatorTokenFault(bytes, environment, keys) {
            reading.report(
                SettingsProblem(fault.code, name, fault.detail, fix: "set \(name) to the output of: openssl rand -hex 32"))
        }
        return OperatorToken(text)
    }

    private static func operatorTokenFault(
        _ token: [UInt8], _ environment: AppEnvironment?, _ keys: SecretKeys?
    ) -> SecretKeyPolicy.Fault? {
        guard token.count >= SecretKeys.minimumBytes else {
            return .init(code: .weakSecret, detail: "has \(token.count) bytes, and \(SecretKeys.minimumBytes) are needed")
        }
        // It is sent with every scrape, and whoever has a key makes cookies.
        if keys?.all.contains(token) == true {
            return .init(code: .conflictingValues, detail: "is one of SECRET_KEYS, which leave the server nowhere")
        }
        guard let environment, environment.isStrict else { return nil }
        if token.starts(with: DevelopmentKeys.prefix.utf8) { return .init(code: .developmentKey, detail: "was made for development") }
        return SecretKeyPolicy.weakness(of: token).map { .init(code: .weakSecret, detail: $0) }
    }
}
