import FoundationEssentials

/// How this server proves to the token endpoint who it is (RFC 6749 2.3.1, OpenID Connect Core 9).
enum ClientAuthentication: Sendable, Equatable {
    case basic
    case post
    /// A public client: PKCE alone.
    case none

    /// - Parameter methods: `token_endpoint_auth_methods_supported`; nil means basic alone (Discovery 3).
    static func choose(hasSecret: Bool, from methods: [String]?) throws(OpenIDError) -> ClientAuthentication {
        guard hasSecret else { return .none }
        let methods = methods ?? ["client_secret_basic"]
        if methods.contains("client_secret_basic") { return .basic }
        if methods.contains("client_secret_post") { return .post }
        throw OpenIDError(.invalidDocument, "the provider takes a client secret neither by client_secret_basic nor by client_secret_post")
    }

    /// The value of `Authorization`, and the parameters that go into the form.
    func credentials(id: String, secret: String?) -> (header: String?, parameters: [(String, String)]) {
        switch (self, secret) {
        case (.basic, let secret?):
            let pair = "\(FormText.escaped(id)):\(FormText.escaped(secret))"
            return ("Basic \(Data(pair.utf8).base64EncodedString())", [])
        case (.post, let secret?): return (nil, [("client_id", id), ("client_secret", secret)])
        default: return (nil, [("client_id", id)])
        }
    }
}
