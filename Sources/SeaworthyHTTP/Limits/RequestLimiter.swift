import HTTPTypes
package import SeaworthyData
import SeaworthySchema
import SeaworthyStorage

/// Counts requests by who makes them and what they do.
package struct RequestLimiter: Sendable {
    private let limits: RateLimits

    package init(_ limits: RateLimits) {
        self.limits = limits
    }

    /// Counts a request whose maker is known as far as it can be.
    ///
    /// - Returns: what to tell the client; nil for what is not counted.
    /// - Throws: 429 `rate_limited`.
    func count(_ exchange: HTTPExchange, _ route: Route) async throws -> RateLimitFields? {
        guard isCounted(exchange, route) else { return nil }
        let subject: RateLimits.Subject
        if let user = exchange.authentication?.user {
            subject = .user(user.id, exchange.caller)
        } else if let key = exchange.apiKey {
            subject = .key(key.key, key.caller)
        } else {
            subject = .network(exchange.source.network)
        }
        switch route.counting {
        case .standard(let entity): return try fields(await limits.count(.standard, entity: entity, of: subject))
        case .list(let entity):
            return try fields(await limits.count(exchange.asksForExport ? .exporting : .standard, entity: entity, of: subject))
        case .importing(let entity): return try fields(await limits.count(.importing, entity: entity, of: subject))
        case .signIn: return try fields(await limits.countSignIn(from: exchange.source.network))
        }
    }

    /// Counts a request whose maker showed what is not good: finding that out costs something too.
    func countStranger(_ exchange: HTTPExchange, _ route: Route) async throws -> RateLimitFields? {
        guard isCounted(exchange, route) else { return nil }
        return try fields(await limits.count(.standard, entity: nil, of: .network(exchange.source.network)))
    }

    private func isCounted(_ exchange: HTTPExchange, _ route: Route) -> Bool {
        guard !route.isProbe else { return false }
        guard limits.hasExemptions, let address = exchange.source.ip else { return true }
        return !limits.isExempt(address)
    }

    private func fields(_ counted: RateLimits.Counted?) throws(Problem) -> RateLimitFields? {
        guard let counted else { return nil }
        let fields = RateLimitFields(counted)
        guard let wait = counted.outcome.retryAfter else { return fields }
        var problem = Problem.tooManyRequests(
            "The limit \"\(counted.policy.name)\" is \(counted.policy.rate.text), and used up. Retry-After says when there is more.",
            retryAfter: wait)
        fields.write(into: &problem.headers)
        throw problem
    }
}

extension HTTPExchange {
    /// Lists go out whole in these types.
    fileprivate var asksForExport: Bool {
        guard let accept = header("accept")?.lowercased() else { return false }
        return accept.contains(MediaType.csv.essence) || accept.contains(MediaType.ndjson.essence)
    }
}
