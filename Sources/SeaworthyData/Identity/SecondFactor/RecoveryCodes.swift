import SeaworthySchema

/// Codes to write down, each good for one sign-in without the authenticator: 50 random bits as `abcde-fgh23`.
struct RecoveryCodes: Sendable {
    static let count = 10

    private let hash: KeyedHash

    init(secretKeys: [[UInt8]]) {
        hash = KeyedHash(secretKeys: secretKeys, purpose: "recovery code")
    }

    static func make() -> [String] {
        (0..<count).map { _ in
            var generator = SystemRandomNumberGenerator()
            let text = Base32.text(of: (0..<7).map { _ in UInt8.random(in: .min ... .max, using: &generator) }).lowercased()
            return "\(text.prefix(5))-\(text.dropFirst(5).prefix(5))"
        }
    }

    /// What of codes is stored.
    func hashes(of codes: [String]) -> [String] { codes.map { hash.hash(of: Self.canonical($0)) } }

    /// The stored hashes without that of the code; nil where it is none of them.
    func consuming(_ code: String, from stored: [String]) -> [String]? {
        let hashes = hash.hashes(of: Self.canonical(code))
        guard let index = stored.firstIndex(where: { stored in hashes.contains { $0.isSameSecret(as: stored) } }) else { return nil }
        var rest = stored
        rest.remove(at: index)
        return rest
    }

    private static func canonical(_ code: String) -> String { String(code.lowercased().filter { $0 != "-" && $0 != " " }) }
}
