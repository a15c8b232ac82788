import SeaworthySchema
import SeaworthyStorage
import Synchronization

/// What a write has changed, or may have.
final class TouchedRecords: Sendable {
    /// Of so many records of one entity each is named; beyond them it counts as if all had changed.
    static let maximumKeys = 100

    /// Of one entity.
    private enum Extent {
        case records(Set<String>)
        case all
    }

    private let state = Mutex<[String: Extent]>([:])

    /// One record has changed, or has come or gone.
    func add(_ entity: Entity, key: [Value]) {
        let digest = CacheKeys.digest(of: key)
        state.withLock { state in
            guard case .records(var digests) = state[entity.name] ?? .records([]) else { return }
            digests.insert(digest)
            state[entity.name] = digests.count > Self.maximumKeys ? .all : .records(digests)
        }
    }

    /// Records have changed that nobody can name.
    func addUnnamed(_ entity: Entity) {
        state.withLock { $0[entity.name] = .all }
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
        for (name, extent) in touched.sorted(by: { $0.key < $1.key }) where entities.contains(name) {
            tags.append(.entity(name))
            switch extent {
            case .records(let digests): tags += digests.sorted().map { .record(name, digest: $0) }
            case .all: tags.append(.unnamed(name))
            }
        }
        return tags
    }
}
