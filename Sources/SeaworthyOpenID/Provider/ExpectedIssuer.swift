import SeaworthySchema

/// Which issuer a token may name.
enum ExpectedIssuer: Sendable, Equatable {
    case exactly(String)
    /// Microsoft Entra for many tenants: the document's issuer has `{tenantid}` where a token has its tenant.
    case ofTenant(template: String, allowed: [String])

    static let placeholder = "{tenantid}"
    /// The segments of a path that Entra puts in place of a tenant.
    private static let sharedTenants = ["common", "organizations"]

    /// - Parameter announced: `issuer` of the discovery document.
    /// - Throws: `invalidDocument` where it is not the one of the settings to the byte (Discovery 4.3).
    init(announced: String, settings: OpenIDProviderSettings) throws(OpenIDError) {
        if announced.hasSameBytes(as: settings.issuer) {
            self = .exactly(announced)
            return
        }
        let isTemplate = Self.sharedTenants.contains { tenant in
            announced.hasSameBytes(as: settings.issuer.replacing("/\(tenant)/", with: "/\(Self.placeholder)/"))
        }
        guard isTemplate else {
            throw OpenIDError(.invalidDocument, "the issuer of the discovery document is not, to the byte, the one that is set")
        }
        guard let allowed = settings.allowedTenants else {
            throw OpenIDError(
                .tenantsMissing,
                "the issuer of «\(settings.name)» serves every organization; list the tenants that may come, or set the issuer of one")
        }
        self = .ofTenant(template: announced, allowed: allowed)
    }

    /// Whether the callback's `iss` may be this provider's.
    func accepts(callback issuer: String) -> Bool {
        switch self {
        case .exactly(let expected): issuer.hasSameBytes(as: expected)
        case .ofTenant(let template, let allowed): allowed.contains { issuer.hasSameBytes(as: Self.filled(template, $0)) }
        }
    }

    /// The issuer that a token of the tenant has to name.
    func issuer(ofTenant tenant: String) -> String {
        switch self {
        case .exactly(let issuer): issuer
        case .ofTenant(let template, _): Self.filled(template, tenant)
        }
    }

    /// Whether a key may sign for the issuer: Entra's common keys name theirs, and one of them signs for private accounts only.
    func accepts(key: VerificationKey, for issuer: String, tenant: String) -> Bool {
        guard case .ofTenant = self, let named = key.issuer else { return true }
        return issuer.hasSameBytes(as: Self.filled(named, tenant))
    }

    private static func filled(_ template: String, _ tenant: String) -> String {
        template.replacing(placeholder, with: tenant)
    }
}
