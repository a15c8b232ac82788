import SeaworthySchema

/// What a provider publishes: its document and its keys, kept for a while and fetched once for all who need them.
struct ProviderMetadata: Sendable {
    /// How long one fetch may take.
    static let timeout: Duration = .seconds(10)
    static let probeTimeout: Duration = .seconds(3)
    /// How long the document and the keys are good for.
    static let maximumAge: Duration = .seconds(3_600)
    /// How long a failure stands, so that a provider that is down is not asked for every sign-in.
    static let failurePause: Duration = .seconds(5)
    /// How often keys are fetched because a token names an unknown one: anybody can make such tokens.
    static let keyPause: Duration = .seconds(60)
    /// How often a probe asks.
    static let probePause: Duration = .seconds(10)

    private let documents: SharedFetch<ProviderDocument>
    private let keySets: SharedFetch<KeySet>
    private let probes: SharedFetch<ProviderDocument>

    init(settings: OpenIDProviderSettings, issuer: ProviderURL, client: ProviderClient, clock: OpenIDClock) {
        let document: @Sendable (Duration) async throws -> ProviderDocument = { timeout in
            let address = ProviderDocument.address(ofIssuer: settings.issuer)
            let object = try await client.object(at: address, "the discovery document of «\(settings.name)»", timeout: timeout)
            return try ProviderDocument(object, settings: settings, issuerURL: issuer)
        }
        let documents = SharedFetch(clock: clock) { try await document(Self.timeout) }
        self.documents = documents
        probes = SharedFetch(clock: clock) { try await document(Self.probeTimeout) }
        keySets = SharedFetch(clock: clock) {
            let document = try await documents.value(maximumAge: Self.maximumAge, pause: Self.failurePause)
            let object = try await client.object(at: document.keysEndpoint.text, "the key set of «\(settings.name)»", timeout: Self.timeout)
            return try KeySet(object)
        }
    }

    func document() async throws -> ProviderDocument {
        try await documents.value(maximumAge: Self.maximumAge, pause: Self.failurePause)
    }

    func keys() async throws -> KeySet {
        try await keySets.value(maximumAge: Self.maximumAge, pause: Self.failurePause)
    }

    /// The keys as they are now, or were within `keyPause`.
    func keysForUnknownKey() async throws -> KeySet {
        try await keySets.value(maximumAge: Self.keyPause, pause: Self.keyPause)
    }

    func probe() async throws {
        _ = try await probes.value(maximumAge: Self.probePause, pause: Self.probePause)
    }
}
