import SeaworthySchema

/// A sign-in with a provider that is under way, as the browser keeps it: sealed, so that it can neither be read nor made up, and good for ten
/// minutes.
struct SealedAttempt: Sendable {
    static let lifetime: Duration = .seconds(600)

    private let box: SecretBox

    init(secretKeys: [[UInt8]]) {
        box = SecretBox(secretKeys: secretKeys, purpose: "sign-in attempt")
    }

    /// - Parameter target: the path to which the browser goes in the end; nil for an answer in place of it.
    func seal(_ attempt: ProviderAttempt, provider: String, target: String?, now: Int64) -> String? {
        let json: JSONValue = [
            "state": .string(attempt.state), "nonce": .string(attempt.nonce), "verifier": .string(attempt.verifier),
            "redirectURI": .string(attempt.redirectURI), "target": target.map(JSONValue.string) ?? .null,
            "until": .number(String(now + Self.lifetime.microseconds)),
        ]
        return box.seal(Array(json.compactText.utf8), binding: Array(provider.utf8))
    }

    /// Nil for what was not sealed here for the provider, or is over.
    func open(_ text: String, provider: String, now: Int64) -> (attempt: ProviderAttempt, target: String?)? {
        guard let bytes = box.open(text, binding: Array(provider.utf8)),
            case .object(let object)? = try? JSONParser.parse(String(decoding: bytes, as: UTF8.self)),
            case .string(let state)? = object["state"], case .string(let nonce)? = object["nonce"],
            case .string(let verifier)? = object["verifier"], case .string(let redirectURI)? = object["redirectURI"],
            case .number(let digits)? = object["until"], let until = Int64(digits), until > now
        else { return nil }
        var target: String?
        if case .string(let text)? = object["target"] { target = text }
        return (ProviderAttempt(state: state, nonce: nonce, verifier: verifier, redirectURI: redirectURI), target)
    }
}
