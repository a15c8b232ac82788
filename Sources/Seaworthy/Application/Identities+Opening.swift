import SeaworthyData

extension Identities {
    /// The identities in the application's database, as the settings have them kept.
    static func open(
        _ settings: Settings, _ opened: OpenedDatabase, providers: [OpenIDSignIn] = [], limits: RateLimits? = nil,
        send: @escaping @Sendable (IdentityMail) -> Void
    ) -> Identities {
        Identities(
            opened.schema, database: opened.database, dialect: opened.dialect, secretKeys: settings.secretKeys.all,
            signingKeys: settings.identity.signingKeys, settings: settings.identity.settings, providers: providers,
            limits: limits, send: send)
    }
}
