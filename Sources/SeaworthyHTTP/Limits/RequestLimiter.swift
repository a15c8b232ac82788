import HTTPTypes
package import Metrics
package import SeaworthyData
import SeaworthySchema
import SeaworthyStorage

/// Counts requests by who makes them and what they do.
package struct RequestLimiter: Sendable {
    private let limits: RateLimits
    private let rejections: RejectionCounters

    /// - Parameter metrics: where it is counted what is refused.
    package init(_ limits: RateLimits, metrics: any MetricsFactory = MetricsSystem.factory) {
        self.limits = limits
        rejections = RejectionCounters(metrics)
    }

    /// Counts a request whose maker is known as far as it can be.
    ///
    /// - Returns: what to tell the client; nil for what is not counted.
    /// - Throws: 429 `rate_limited`.
    func count(_ exchange: HTTPExchange, _ route: Route) async throws -> RateLimitFields? {
        guard isCounted(exchange, route) else { return nil }
        let subject = exchange.subject
        switch route.counting {
        case .standard(let entity): return try fields(await limits.count(.standard, entity: entity, of: subject))
        case .list(let entity):
            let isExport = limits.tellsExportsApart && exchange.asksForExport
            return try fields(await limits.count(isExport ? .exporting : .standard, entity: entity, of: subject))
        case .importing(let entity): return try fields(await limits.count(.importing, entity: entity, of: subject))
        case .signIn: return try fields(await limits.countSignIn(from: exchange.source.network))
        }
    }

    /// Counts a request whose maker showed what is not good: finding that out costs something too.
    func countStranger(_ exchange: HTTPExchange, _ route: Route) async throws -> RateLimitFields? {
        guard isCounted(exchange, route) else { return nil }
        return try fields(await limits.count(.standard, entity: nil, of: .network(exchange.source.network)))
    }

    /// Counts the operations of a batch on entities that have limits of their own, as if each were sent by itself.
    ///
    /// - Parameter entities: the entity of each operation.
    /// - Throws: 429 `rate_limited`; then nothing of the batch is done.
    func count(batch entities: [String], _ exchange: HTTPExchange) async throws {
        guard isCounted(exchange) else { return }
        var counts: [String: Int] = [:]
        for entity in entities { counts[entity, default: 0] += 1 }
        for (entity, count) in counts.sorted(by: { $0.key < $1.key }) {
            let counted = try await limits.count(count, on: entity, of: exchange.subject)
            guard let counted, count > counted.policy.rate.count else {
                _ = try fields(counted)
                continue
            }
            // No waiting would help.
            var problem = Problem(status: .unprocessableContent, code: ProblemCode("invalid_record"), detail: "The batch is too long.")
            problem.errors = [
                ProblemItem(
                    .pointer("/operations"), code: ProblemCode("out_of_range"),
                    detail: "has \(count) operations on \(entity), whose limit is \(counted.policy.rate.text); send them in smaller batches"
                )
            ]
            throw problem
        }
    }

    private func isCounted(_ exchange: HTTPExchange, _ route: Route) -> Bool { !route.isProbe && isCounted(exchange) }

    private func isCounted(_ exchange: HTTPExchange) -> Bool {
        guard limits.hasExemptions, let address = exchange.source.ip else { return true }
        return !limits.isExempt(address)
    }

    private func fields(_ counted: RateLimits.Counted?) throws(Problem) -> RateLimitFields? {
        guard let counted else { return nil }
        let fields = RateLimitFields(counted)
        guard let wait = counted.outcome.retryAfter else { return fields }
        rejections.count(counted.policy.name)
        var problem = Problem.tooManyRequests(
            "The limit \"\(counted.policy.name)\" is \(counted.policy.rate.text), and used up. Retry-After says when there is more.",
            retryAfter: wait)
        fields.write(into: &problem.headers)
        throw problem
    }
}

extension HTTPExchange {
    /// Whose request it is, for what is counted and kept for them.
    var subject: RateLimits.Subject {
        if let user = authentication?.user { return .user(user.id, caller) }
        if let key = apiKey { return .key(key.key, key.caller) }
        return .network(source.network)
    }

    /// Whether a list goes out whole.
    fileprivate var asksForExport: Bool {
        // Who takes none of them gets none.
        guard let type = try? negotiated(RecordRoutes.listTypes) else { return false }
        return type != .json
    }
}
