import SeaworthySchema
import SeaworthyStorage
import Synchronization

/// What a write has changed, or may have.
final class TouchedRecords: Sendable {
    /// Of so many records of one entity each is named; beyond them it counts as if all had changed.
    static let maximumKeys = 100

    private let state = Mutex<[String: Set<String>?]>([:])

    /// One record has changed, or has come or gone.
    func add(_ entity: Entity, key: [Value]) {
        let digest = CacheKeys.digest(of: key)
        state.withLock { state in
            guard case .some(.some(var keys)) = state[entity.name] ?? .some([]) else { return }
            keys.insert(digest)
            state[entity.name] = .some(keys.count > Self.maximumKeys ? nil : keys)
        }
    }

    /// Records have changed that nobody can name.
    func addUnnamed(_ entity: Entity) {
        state.withLock { $0[entity.name] = .some(nil) }
    }

    /// What depends on it.
    ///
    /// - Parameters:
    ///   - entities: on which kept answers may depend at all.
    ///   - hasViews: whether kept answers may depend on views.
    func tags(among entities: Set<String>, hasViews: Bool) -> [CacheTag] {
        let touched = state.withLock { $0 }
        guard !touched.isEmpty else { return [] }
        var tags: [CacheTag] = hasViews ? [.anything] : []
        for (name, keys) in touched.sorted(by: { $0.key < $1.key }) where entities.contains(name) {
            tags.append(.entity(name))
            if let keys {
                tags += keys.sorted().map { .record(name, digest: $0) }
            } else {
                tags.append(.unnamed(name))
            }
        }
        return tags
    }
}
