/// What the browser brought back from the provider (OpenID Connect Core 3.1.2.5 and 3.1.2.6).
package struct OpenIDCallback: Sendable, Equatable {
    enum Outcome: Sendable, Equatable {
        case code(String)
        case error(OpenIDError)
    }

    /// As it came. Whoever looks an attempt up by it still hands the attempt to `finish`, which compares.
    package var state: String
    /// `iss` of RFC 9207.
    var issuer: String?
    var outcome: Outcome

    /// - Parameter parameters: of the callback's query, decoded. Those of other names are left alone, as the specification asks.
    package init(parameters: [(name: String, value: String)]) throws(OpenIDError) {
        var known: [String: String] = [:]
        for name in ["state", "iss", "code", "error"] {
            let values = parameters.filter { $0.name == name }.map(\.value)
            guard values.count <= 1 else { throw OpenIDError(.invalidCallback, "«\(name)» stands twice in the callback") }
            known[name] = values.first
        }
        guard let state = known["state"] else { throw OpenIDError(.invalidCallback, "the callback has no «state»") }
        self.state = state
        issuer = known["iss"]
        switch (known["code"], known["error"]) {
        case (let code?, nil):
            guard !code.isEmpty, code.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
                throw OpenIDError(.invalidCallback, "the code of the callback is no code")
            }
            outcome = .code(code)
        case (nil, let error?): outcome = .error(ProviderRefusal.ofCallback(error))
        default: throw OpenIDError(.invalidCallback, "the callback has to have one of «code» and «error»")
        }
    }
}
