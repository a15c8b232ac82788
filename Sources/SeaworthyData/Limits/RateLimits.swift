package import SeaworthySchema
package import SeaworthyStorage

/// How often each caller may ask: chooses what holds for a request, and counts it.
package struct RateLimits: Sendable {
    /// What a request does, as far as it is counted apart.
    package enum Action: Sendable {
        case standard, importing, exporting

        fileprivate var name: String {
            switch self {
            case .standard: "default"
            case .importing: "import"
            case .exporting: "export"
            }
        }
    }

    /// Of whom something is said.
    private enum Scope {
        case all, keys
        case role(String)
        case entity(String)

        func name(_ action: Action) -> String {
            switch self {
            case .all: action.name
            case .keys: Self.name("keys", action)
            case .role(let name), .entity(let name): Self.name(name, action)
            }
        }

        /// Unlike the name no other's: a role may be called like an action, an entity like all that signs in.
        func counter(_ action: Action) -> String {
            switch self {
            case .all: "all \(action.name)"
            case .keys: "keys \(action.name)"
            case .role(let name): "role \(name) \(action.name)"
            case .entity(let name): "entity \(name) \(action.name)"
            }
        }

        private static func name(_ whose: String, _ action: Action) -> String {
            action == .standard ? whose : "\(whose) \(action.name)"
        }
    }

    /// What holds for a request.
    package struct Policy: Sendable, Hashable {
        /// Such as `default`, `sales`, `Order` or `Order import`.
        package let name: String
        package let rate: RequestRate
        fileprivate let counter: String
    }

    /// A request that was counted.
    package struct Counted: Sendable, Hashable {
        package let policy: Policy
        package let outcome: RateLimitOutcome
    }

    /// Whose request it is.
    package enum Subject: Sendable {
        case user(String, Caller)
        case key(String, Caller)
        /// Nobody who is known, from this network: see ``ClientNetwork``.
        case network(String)
    }

    private let limits: Schema.Limits
    private let entities: [String: Schema.Limits.Rates]
    private let store: any RateLimitStore

    package init(_ schema: Schema, store: any RateLimitStore) {
        limits = schema.limits
        entities = Dictionary(
            uniqueKeysWithValues: schema.entities.filter { $0.limits != .none }.map { ($0.name, $0.limits) })
        self.store = store
        tellsExportsApart = ([limits.rates, limits.keys] + limits.roles.map(\.rates) + entities.values).contains { $0.exporting != nil }
    }

    /// Whether anybody is left out at all.
    package var hasExemptions: Bool { !limits.exempt.isEmpty }

    /// Whether anything is said of exports. Else they are like all else, and nobody need find out what is one.
    package let tellsExportsApart: Bool

    package func isExempt(_ address: IPAddress) -> Bool { limits.exempt.contains { $0.contains(address) } }

    // MARK: What holds

    /// Nil for what is not bounded.
    package func policy(_ action: Action, entity: String?, of subject: Subject) -> Policy? {
        // Where nobody says anything of exports, they are like all else.
        for action in action == .standard ? [action] : [action, .standard] {
            if let (scope, bound) = nearest(action, entity, subject) { return Self.policy(scope, action, bound) }
        }
        return nil
    }

    private static func policy(_ scope: Scope, _ action: Action, _ bound: Schema.Limits.Bound) -> Policy? {
        guard case .rate(let rate) = bound else { return nil }
        return Policy(name: scope.name(action), rate: rate, counter: scope.counter(action))
    }

    /// What is said nearest: of the entity, of API keys, of the caller's roles, of all.
    private func nearest(_ action: Action, _ entity: String?, _ subject: Subject) -> (Scope, Schema.Limits.Bound)? {
        if let entity, let bound = entities[entity]?.bound(action) { return (.entity(entity), bound) }
        if case .key = subject, let bound = limits.keys.bound(action) { return (.keys, bound) }
        if let caller = subject.caller {
            // Of several roles the most generous.
            var best: (scope: Scope, bound: Schema.Limits.Bound)?
            for role in limits.roles where caller.has(role.name) {
                guard let bound = role.rates.bound(action), bound.perSecond > best?.bound.perSecond ?? 0 else { continue }
                best = (.role(role.name), bound)
            }
            if let best { return best }
        }
        return limits.rates.bound(action).map { (.all, $0) }
    }

    // MARK: Counting

    /// Counts a request of somebody's.
    ///
    /// - Returns: nil where it is not bounded.
    package func count(_ action: Action, entity: String?, of subject: Subject) async throws -> Counted? {
        guard let policy = policy(action, entity: entity, of: subject) else { return nil }
        return try await count(policy, subject.name)
    }

    /// Counts what a batch does with an entity that has a limit of its own, all or nothing.
    ///
    /// - Returns: nil where the entity has none, or is not bounded.
    package func count(_ operations: Int, on entity: String, of subject: Subject) async throws -> Counted? {
        guard let bound = entities[entity]?.standard, let policy = Self.policy(.entity(entity), .standard, bound) else { return nil }
        return try await count(policy, subject.name, operations)
    }

    /// Counts an attempt to sign in from a network.
    ///
    /// - Returns: nil where it is not bounded.
    package func countSignIn(from network: String) async throws -> Counted? {
        guard case .rate(let rate) = limits.auth else { return nil }
        return try await count(Self.signIn(rate), "n:\(network)")
    }

    /// Counts an attempt to sign in to an account, from where it was never signed in: so that nobody locks out its owner.
    ///
    /// - Returns: how long to wait; nil for one that is allowed.
    func countSignIn(to account: String, _ address: String?) async throws -> Duration? {
        guard case .rate(let rate) = limits.auth else { return nil }
        if hasExemptions, let address = address.flatMap({ IPAddress($0) }), isExempt(address) { return nil }
        return try await count(Self.signIn(rate), "a:\(account)").outcome.retryAfter
    }

    private static func signIn(_ rate: RequestRate) -> Policy {
        Policy(name: RateLimitKey.signInPolicy, rate: rate, counter: RateLimitKey.signInPolicy)
    }

    private func count(_ policy: Policy, _ subject: String, _ count: Int = 1) async throws -> Counted {
        Counted(
            policy: policy, outcome: try await store.take(RateLimitKey(policy: policy.counter, subject: subject), policy.rate, count: count)
        )
    }
}

extension RateLimits.Subject {
    /// Nobody else's.
    var name: String {
        switch self {
        case .user(let id, _): "u:\(id)"
        case .key(let id, _): "k:\(id)"
        case .network(let network): "n:\(network)"
        }
    }

    var caller: Caller? {
        switch self {
        case .user(_, let caller), .key(_, let caller): caller
        case .network: nil
        }
    }
}

extension Schema.Limits.Rates {
    fileprivate func bound(_ action: RateLimits.Action) -> Schema.Limits.Bound? {
        switch action {
        case .standard: standard
        case .importing: importing
        case .exporting: exporting
        }
    }
}

extension Schema.Limits.Bound {
    fileprivate var perSecond: Double {
        switch self {
        case .rate(let rate): Double(rate.count) / Double(rate.windowSeconds)
        case .unlimited: .infinity
        }
    }
}
