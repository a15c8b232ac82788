/// What is set for one provider.
package struct OpenIDProviderSettings: Sendable, Equatable {
    /// What it is called here, in addresses and logs.
    package var name: String
    /// The provider's address as its discovery document writes it, to the byte; `/.well-known/openid-configuration` is appended to it.
    /// https; http only on a loopback address.
    package var issuer: String
    package var clientID: String
    /// nil for a public client, which has PKCE alone.
    package var clientSecret: String?
    /// How the secret is sent. nil, the default: `client_secret_basic`, or `client_secret_post` where the provider announces that alone.
    /// To be set where the provider announces both and lets each client do only what it was registered with, as some do.
    package var clientAuthentication: OpenIDClientAuthentication?
    /// `openid` is asked for in any case.
    package var scopes: [String]
    /// Under which names the provider tells what is wanted of a person.
    package var claims: OpenIDClaimNames
    /// The tenants of Microsoft Entra that may come (their ids, the claim `tid`); nil for all of a single-tenant issuer. An issuer of
    /// many tenants (`/common`, `/organizations`) is refused without it: otherwise every organization of the world could sign in.
    package var allowedTenants: [String]?
    /// Audiences that an ID token may name beside the client. Default none: a token that is for others too is refused.
    package var otherAudiences: [String]
    /// Whether the user info endpoint is asked where the ID token has no address though the scope `email` is asked for. Default true.
    package var readsUserInfo: Bool

    package init(
        name: String, issuer: String, clientID: String, clientSecret: String? = nil,
        clientAuthentication: OpenIDClientAuthentication? = nil, scopes: [String] = ["openid", "email", "profile"],
        claims: OpenIDClaimNames = OpenIDClaimNames(), allowedTenants: [String]? = nil, otherAudiences: [String] = [],
        readsUserInfo: Bool = true
    ) {
        self.name = name
        self.issuer = issuer
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.clientAuthentication = clientAuthentication
        self.scopes = scopes
        self.claims = claims
        self.allowedTenants = allowedTenants
        self.otherAudiences = otherAudiences
        self.readsUserInfo = readsUserInfo
    }
}

/// The ways to send a client's secret that there are (OpenID Connect Core 9).
package enum OpenIDClientAuthentication: String, Sendable, CaseIterable {
    case basic = "client_secret_basic"
    case post = "client_secret_post"
}

/// Names of claims (OpenID Connect Core 5.1).
package struct OpenIDClaimNames: Sendable, Equatable {
    /// Default `email`.
    package var email: String
    /// Default `email_verified`. Entra has `xms_edov` for it, an optional claim that has to be added there.
    package var emailVerified: String
    /// Default `name`.
    package var name: String

    package init(email: String = "email", emailVerified: String = "email_verified", name: String = "name") {
        self.email = email
        self.emailVerified = emailVerified
        self.name = name
    }
}

extension OpenIDProviderSettings {
    /// Refuses what cannot work, before anybody tries it.
    func check() throws(OpenIDError) -> ProviderURL {
        guard let url = ProviderURL(issuer), !url.hasQuery, url.isEncrypted || url.isLoopback else {
            throw refusal("its issuer is no https address (http only on a loopback address) without user, query and fragment")
        }
        guard Self.isToken(clientID) else { throw refusal("its client id is empty or not printable ASCII") }
        guard clientSecret.map(Self.isToken) ?? true else { throw refusal("its client secret is empty or not printable ASCII") }
        // Section 3.3 of RFC 6749.
        guard scopes.allSatisfy({ Self.isToken($0) && !$0.contains(where: { " \"\\".contains($0) }) }) else {
            throw refusal("one of its scopes is no scope")
        }
        guard allowedTenants.map({ !$0.isEmpty && $0.allSatisfy(Self.isTenant) }) ?? true else {
            throw refusal("its list of tenants is empty or names something that is no tenant's id in lower case")
        }
        return url
    }

    /// What is sent as `scope`.
    var scopeText: String {
        (scopes.contains("openid") ? scopes : ["openid"] + scopes).joined(separator: " ")
    }

    private func refusal(_ reason: String) -> OpenIDError {
        OpenIDError(.invalidSettings, "the provider «\(name)» cannot be used: \(reason)")
    }

    /// VSCHAR of RFC 6749, appendix A.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    /// Entra writes the ids in lower case, and they are compared by their bytes.
    private static func isTenant(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
    }
}
