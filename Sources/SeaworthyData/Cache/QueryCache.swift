import NIOCore
package import SeaworthySchema
package import SeaworthyStorage
import Tracing

/// Keeps answers to reads of entities that say so (`cache: 30s`), as long as nothing has changed on which they depend.
///
/// An answer is kept under everything that it depends on but the records: schema, request and what the caller may see. With it stands how the
/// tags of the entities were before it was made. A reader compares that with how they are now; a writer changes them after its commit and before
/// its own answer. So what was acknowledged is seen by whoever asks afterwards, on every node that shares the store.
package final class QueryCache: Sendable {
    /// Larger answers are not kept.
    static let maximumBytes = 1 << 20

    private struct Flight: Hashable, Sendable {
        let key: CacheKey
        let version: CacheVersion
    }

    let keys: CacheKeys
    /// On which kept answers may depend: what is written to others changes nothing of them.
    private let entities: Set<String>
    private let hasViews: Bool
    private let store: any CacheStore
    private let metrics: CacheMetrics
    private let flights = SingleFlight<Flight, CachedAnswer>()
    private let now: @Sendable () -> Int64

    /// Nil for a schema in which nothing is kept.
    ///
    /// - Parameters:
    ///   - version: of the server.
    ///   - now: in microseconds since the epoch.
    package init?(
        _ schema: Schema, version: String, store: any CacheStore, metrics: CacheMetrics = CacheMetrics(),
        now: @escaping @Sendable () -> Int64
    ) {
        guard schema.entities.contains(where: { $0.cache != nil }) else { return nil }
        keys = CacheKeys(schema, version: version)
        let reached = Self.reached(schema)
        entities = Set(reached.map { schema.entities[$0].name })
        hasViews = reached.contains { schema.entities[$0].isReadOnly }
        self.store = store
        self.metrics = metrics
        self.now = now
    }

    /// The entities that are kept, and all that relations lead to from there.
    private static func reached(_ schema: Schema) -> Set<Int> {
        var reached = Set(schema.entities.indices.filter { schema.entities[$0].cache != nil })
        var open = Array(reached)
        while let entity = open.popLast() {
            for relation in schema.entities[entity].relations where reached.insert(relation.target).inserted {
                open.append(relation.target)
            }
        }
        return reached
    }

    // MARK: Reading

    /// - Parameters:
    ///   - tags: on what the answer depends.
    ///   - make: makes it where none is kept.
    func answer(
        _ key: CacheKey, _ policy: Entity.Cache, _ tags: [CacheTag], _ make: @escaping @Sendable () async throws -> CachedAnswer
    ) async throws -> (answer: CachedAnswer, report: CacheReport) {
        guard let span = Traced.start("cache") else { return try await lookUp(key, policy, tags, make) }
        return try await Traced.within(span, isFault: Self.isFault) {
            let found = try await lookUp(key, policy, tags, make)
            span.attributes = ["seaworthy.cache.outcome": .string(found.report.outcome.rawValue)]
            return found
        }
    }

    private func lookUp(
        _ key: CacheKey, _ policy: Entity.Cache, _ tags: [CacheTag], _ make: @escaping @Sendable () async throws -> CachedAnswer
    ) async throws -> (answer: CachedAnswer, report: CacheReport) {
        let lifetime = policy.lifetime + policy.staleWhileRevalidate
        let known = store.known(key)
        // With an answer at hand one short look tells whether it still holds; else others' comes along with it.
        guard var found = await store.version(of: tags, with: known == nil ? key : nil, lifetime: lifetime) else {
            metrics.answered(.bypass)
            return (try await make(), CacheReport(outcome: .bypass, age: 0))
        }
        if let known, known.version == found.version {
            found.entry = known
        } else if known != nil, let again = await store.version(of: tags, with: key, lifetime: lifetime) {
            // Somebody else may have made it since.
            found = again
        }
        if let entry = found.entry, entry.version == found.version, let kept = use(entry, key, policy, make) { return kept }
        let answer = try await made(key, found.version, policy, tags, make)
        metrics.answered(.miss)
        return (answer, CacheReport(outcome: .miss, age: 0))
    }

    /// Whether a span that ends so has failed: that there is no such record is an answer.
    private static func isFault(_ error: any Error) -> Bool { error is StorageError }

    /// What was kept, unless it is too old.
    private func use(
        _ entry: CacheEntry, _ key: CacheKey, _ policy: Entity.Cache, _ make: @escaping @Sendable () async throws -> CachedAnswer
    ) -> (answer: CachedAnswer, report: CacheReport)? {
        let age = Duration.microseconds(max(0, now() - entry.made))
        guard age < policy.lifetime + policy.staleWhileRevalidate, let answer = CachedAnswer(entry.body) else { return nil }
        let isStale = age >= policy.lifetime
        // Whoever asks has the answer; this is for those to come.
        if isStale { Task { [self] in _ = try? await made(key, entry.version, policy, entry.tags, make) } }
        let outcome = isStale ? CacheOutcome.stale : .hit
        metrics.answered(outcome)
        return (answer, CacheReport(outcome: outcome, age: Int(age.components.seconds)))
    }

    /// Once for all who ask at the same time, of the same state of things.
    private func made(
        _ key: CacheKey, _ version: CacheVersion, _ policy: Entity.Cache, _ tags: [CacheTag],
        _ make: @Sendable () async throws -> CachedAnswer
    ) async throws -> CachedAnswer {
        try await flights.run(Flight(key: key, version: version)) {
            // A replica may not have what the version tells to be there.
            let answer = try await ReadConsistency.$current.withValue(nil) { try await make() }
            if answer.body.readableBytes <= Self.maximumBytes {
                let entry = CacheEntry(body: answer.bytes, tags: tags, version: version, made: now())
                store.keep(entry, as: key, for: policy.lifetime + policy.staleWhileRevalidate)
            }
            return answer
        }
    }

    // MARK: Writing

    /// What has changed is not answered by what was made before, once this returns.
    func changed(_ records: TouchedRecords) async {
        let tags = records.tags(among: entities, hasViews: hasViews)
        if !tags.isEmpty { await store.change(tags) }
    }
}
