import FoundationEssentials
import SeaworthySchema

/// How this server proves to the token endpoint who it is (RFC 6749 2.3.1, OpenID Connect Core 9).
enum ClientAuthentication: Sendable, Equatable {
    case secret(String, OpenIDClientAuthentication)
    /// A public client: PKCE alone.
    case none

    /// - Parameter methods: `token_endpoint_auth_methods_supported`; nil means basic alone (Discovery 3).
    init(_ settings: OpenIDProviderSettings, announced methods: [String]?) throws(OpenIDError) {
        guard let secret = settings.clientSecret else {
            self = .none
            return
        }
        let methods = methods ?? [OpenIDClientAuthentication.basic.rawValue]
        let wanted = settings.clientAuthentication.map { [$0] } ?? OpenIDClientAuthentication.allCases
        guard let method = wanted.first(where: { methods.contains($0.rawValue) }) else {
            let names = wanted.map(\.rawValue).joined(separator: " or ")
            throw OpenIDError(.invalidDocument, "the provider does not take a client secret by \(names)")
        }
        self = .secret(secret, method)
    }

    /// The value of `Authorization`, and the parameters that go into the form.
    func credentials(id: String) -> (header: String?, parameters: [(String, String)]) {
        switch self {
        case .secret(let secret, .basic):
            let pair = "\(id.percentEncoded):\(secret.percentEncoded)"
            return ("Basic \(Data(pair.utf8).base64EncodedString())", [])
        case .secret(let secret, .post): return (nil, [("client_id", id), ("client_secret", secret)])
        case .none: return (nil, [("client_id", id)])
        }
    }
}
