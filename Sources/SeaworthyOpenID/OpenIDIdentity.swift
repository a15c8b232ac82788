package import SeaworthySchema

/// Who a provider says that somebody is.
package struct OpenIDIdentity: Sendable, Equatable {
    /// The provider's own name, an address. With Entra's many tenants that of the person's tenant.
    package var issuer: String
    /// The name of the person at that provider, which never changes and is never given to another: printable ASCII, at most 255.
    /// Only issuer and subject together name a person; an address may pass to somebody else.
    package var subject: String
    /// nil where the provider tells none, or something that is no address.
    package var email: String?
    /// Whether the provider says that the address is the person's. Without that nobody may be taken for the owner of an account.
    package var isEmailVerified: Bool
    /// At most 200 characters; nil where the provider tells none.
    package var name: String?
    /// Every claim of the ID token, and those of the user info endpoint that the token does not have.
    package var claims: JSONObject

    package init(
        issuer: String, subject: String, email: String? = nil, isEmailVerified: Bool = false, name: String? = nil, claims: JSONObject = [:]
    ) {
        self.issuer = issuer
        self.subject = subject
        self.email = email
        self.isEmailVerified = isEmailVerified
        self.name = name
        self.claims = claims
    }
}

extension OpenIDIdentity {
    static let maximumEmailBytes = 320
    static let maximumNameCharacters = 200

    /// - Parameters:
    ///   - claims: of a verified ID token.
    ///   - userInfo: of the user info endpoint, about the same subject.
    init(issuer: String, subject: String, claims: JSONObject, userInfo: JSONObject?, names: OpenIDClaimNames) {
        self.init(issuer: issuer, subject: subject)
        // An address and the word that it is verified are taken from one source, so that they are about the same address.
        let source = claims[names.email] == nil ? userInfo ?? claims : claims
        if case .string(let text) = source[names.email], Self.isAddress(text) {
            email = text
            isEmailVerified = Self.isTrue(source[names.emailVerified])
        }
        for case .string(let text)? in [claims[names.name], userInfo?[names.name]] where name == nil && !text.isEmpty {
            name = String(text.prefix(Self.maximumNameCharacters))
        }
        self.claims = claims
        for member in userInfo?.members ?? [] where claims[member.name] == nil {
            self.claims.append(member.name, member.value)
        }
    }

    private static func isAddress(_ text: String) -> Bool {
        text.utf8.count <= maximumEmailBytes && text.utf8.contains(UInt8(ascii: "@"))
            && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
    }

    /// The specification has a boolean; Entra's `xms_edov` and others come as a number or as text.
    private static func isTrue(_ value: JSONValue?) -> Bool {
        switch value {
        case .bool(let flag): flag
        case .number(let digits): digits == "1"
        case .string(let text): text == "true" || text == "1"
        default: false
        }
    }
}
