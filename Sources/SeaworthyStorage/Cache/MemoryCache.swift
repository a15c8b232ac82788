import NIOCore
import Synchronization

/// Keeps answers in the memory of one server, which alone must be who writes.
package final class MemoryCache: CacheStore {
    /// The most bytes that are kept, with what it takes to find them.
    package static let standardBytes = 64 << 20
    /// What an answer costs beside its body, about.
    package static let entryCost = 256
    /// The most tags whose version is known. One that is forgotten gets another version: what depends on it is made again.
    private static let maximumTags = 200_000

    private let entries: BoundedCache<CacheKey, CacheEntry>
    private let versions = BoundedCache<CacheTag, UInt64>(maximumCost: maximumTags)
    private let last = Atomic<UInt64>(0)

    package init(maximumBytes: Int = standardBytes) {
        entries = BoundedCache(maximumCost: maximumBytes)
    }

    package func known(_ key: CacheKey) -> CacheEntry? { entries[key] }

    package func version(of tags: [CacheTag], with key: CacheKey?, lifetime: Duration) -> (version: CacheVersion, entry: CacheEntry?)? {
        let numbers = tags.map { tag in versions.value(tag, cost: 1) { last.add(1, ordering: .relaxed).newValue } }
        return (CacheVersion(numbers), nil)
    }

    package func keep(_ entry: CacheEntry, as key: CacheKey, for lifetime: Duration) {
        entries.set(key, entry, cost: entry.body.readableBytes + Self.entryCost)
    }

    package func change(_ tags: [CacheTag]) {
        for tag in tags { versions.remove(tag) }
    }

    /// What is kept, in bytes.
    package var cost: Int { entries.cost }
}
