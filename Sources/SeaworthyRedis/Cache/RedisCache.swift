import NIOCore
package import SeaworthyStorage
import Synchronization

/// Keeps answers in Redis, for all nodes, and those that a node used last in its memory as well. Whether one still holds is always asked of
/// Redis: by one short command, which answers a number for each tag.
///
/// A tag is a key with a random number, which is made where there is none: so a change takes it away, which Redis can do even when it is out
/// of memory, and one that was evicted is one that has changed. When Redis was away it may have forgotten changes: then the number that all
/// versions have in common is taken away before anything is believed.
package final class RedisCache: CacheStore {
    /// How long tags of entities are kept after they were made: then everything is made once more.
    private static let tagLifetime: Duration = .seconds(86_400)
    /// The least time that tags of one record are kept.
    private static let minimumTagLifetime: Duration = .seconds(60)
    /// How long to wait before it is tried again to take back what could not be told.
    private static let repairInterval: Duration = .milliseconds(100)

    private let client: RedisClient
    private let pages: String
    /// In a cluster all tags are in one place, so that one command reads those of an answer.
    private let tags: String
    private let memory: BoundedCache<CacheKey, CacheEntry>
    private let trust = Mutex(CacheTrust())
    private let repairs = SingleFlight<Int, Bool>()

    /// - Parameters:
    ///   - application: whose answers these are.
    ///   - maximumBytes: that this node keeps in its memory.
    package init(_ client: RedisClient, application: String, maximumBytes: Int = MemoryCache.standardBytes) {
        self.client = client
        pages = RedisKeys.prefix(application) + "answer:"
        tags = RedisKeys.prefix(application) + "{tags}:"
        memory = BoundedCache(maximumCost: maximumBytes)
    }

    package func known(_ key: CacheKey) -> CacheEntry? { memory[key] }

    // MARK: Versions

    package func version(
        of tags: [CacheTag], with key: CacheKey?, lifetime: Duration
    ) async -> (version: CacheVersion, entry: CacheEntry?)? {
        guard await isTrusted() else { return nil }
        let names = names(of: tags)
        guard let key else { return await version(names, tags, lifetime).flatMap { isStillTrusted ? ($0, nil) : nil } }
        // Both commands go out at once.
        async let version = version(names, tags, lifetime)
        async let page = try? client.send(RedisCommand("GET", key: name(of: key)))
        guard let known = await version, isStillTrusted else { return nil }
        let entry = await page?.bytes.flatMap(CacheEntry.init(redis:))
        if let entry, entry.version == known { remember(entry, key) }
        return (known, entry)
    }

    /// The number that all have in common comes first.
    private func names(of tags: [CacheTag]) -> [RedisCommand.Word] {
        [.text(self.tags)] + tags.map { .text(self.tags + $0.name) }
    }

    private func name(of key: CacheKey) -> RedisCommand.Word {
        .text("\(pages)\(String(key.high, radix: 16)).\(String(key.low, radix: 16))")
    }

    private func version(_ names: [RedisCommand.Word], _ tags: [CacheTag], _ lifetime: Duration) async -> CacheVersion? {
        let answer = try? await client.send(RedisCommand(["MGET"] + names, key: 1))
        let numbers = answer?.elements?.map(Self.number) ?? []
        guard numbers.count == names.count else { return nil }
        let known = numbers.compactMap(\.self)
        guard known.count < names.count else { return CacheVersion(known) }
        let recordLifetime = max(Self.minimumTagLifetime, lifetime * 2)
        let lifetimes = [Self.tagLifetime] + tags.map { $0.isOfOneRecord ? recordLifetime : Self.tagLifetime }
        let made = try? await client.run(
            Self.making, keys: names,
            [.text(String(UInt64.random(in: 1 ... .max)))] + lifetimes.map { .integer($0.components.seconds) })
        let all = made?.elements?.compactMap(Self.number) ?? []
        return all.count == names.count ? CacheVersion(all) : nil
    }

    private static func number(_ value: RESPValue) -> UInt64? { value.string.flatMap { UInt64($0) } }

    private static let making = RedisScript(
        """
        local numbers = {}
        for index, key in ipairs(KEYS) do
            local number = redis.call('GET', key)
            if not number then
                number = ARGV[1]
                redis.call('SET', key, number, 'EX', ARGV[index + 1])
            end
            numbers[index] = number
        end
        return numbers
        """)

    // MARK: Answers

    package func keep(_ entry: CacheEntry, as key: CacheKey, for lifetime: Duration) {
        remember(entry, key)
        let milliseconds = Int64(lifetime / .milliseconds(1))
        client.post(RedisCommand("SET", key: name(of: key), .bytes(entry.redisBytes), "PX", .integer(milliseconds)))
    }

    private func remember(_ entry: CacheEntry, _ key: CacheKey) {
        // Of its own bytes: they may be a piece of all that came at once.
        var copy = entry
        copy.body = ByteBuffer(bytes: entry.body.readableBytesView)
        memory.set(key, copy, cost: entry.body.readableBytes + MemoryCache.entryCost)
    }

    // MARK: Changes

    package func change(_ tags: [CacheTag]) async {
        guard !tags.isEmpty else { return }
        do throws(RedisError) {
            // Without the first, which is everybody's.
            _ = try await client.send(RedisCommand(["UNLINK"] + names(of: tags).dropFirst(), key: 1))
        } catch {
            doubt()
        }
    }

    private var isStillTrusted: Bool { trust.withLock { $0.holds(client.recoveries) } }

    /// Whether what Redis tells can be believed. After it was away, what all versions have in common is taken away first.
    private func isTrusted() async -> Bool {
        if isStillTrusted { return true }
        return (try? await repairs.run(0) { await repair() }) ?? false
    }

    private func repair() async -> Bool {
        let attempt = trust.withLock { $0.begin(client.recoveries) }
        guard (try? await client.send(RedisCommand("UNLINK", key: .text(tags)))) != nil else { return false }
        return trust.withLock { $0.end(attempt) }
    }

    /// A change could not be told, so others may go on with what was before it. It is tried until it can be.
    private func doubt() {
        guard trust.withLock({ $0.doubt() }) else { return }
        Task { [weak self] in
            while let cache = self, await !cache.isTrusted() { try? await Task.sleep(for: Self.repairInterval) }
        }
    }
}

extension CacheEntry {
    /// As it stands in Redis: when it was made, the version, the tags, then the answer.
    fileprivate var redisBytes: ByteBuffer {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(body.readableBytes + 128)
        bytes.writeInteger(made)
        bytes.writeInteger(UInt16(version.numbers.count))
        for number in version.numbers { bytes.writeInteger(number) }
        bytes.writeInteger(UInt16(tags.count))
        for tag in tags {
            bytes.writeInteger(UInt16(tag.name.utf8.count) << 1 | (tag.isOfOneRecord ? 1 : 0))
            bytes.writeString(tag.name)
        }
        bytes.writeImmutableBuffer(body)
        return bytes
    }

    /// Nil for what is no entry.
    fileprivate init?(redis bytes: ByteBuffer) {
        var bytes = bytes
        guard let made = bytes.readInteger(as: Int64.self), let count = bytes.readInteger(as: UInt16.self) else { return nil }
        var numbers: [UInt64] = []
        for _ in 0..<count {
            guard let number = bytes.readInteger(as: UInt64.self) else { return nil }
            numbers.append(number)
        }
        guard let tagCount = bytes.readInteger(as: UInt16.self) else { return nil }
        var tags: [CacheTag] = []
        for _ in 0..<tagCount {
            guard let head = bytes.readInteger(as: UInt16.self), let name = bytes.readString(length: Int(head >> 1)) else { return nil }
            tags.append(CacheTag(named: name, isOfOneRecord: head & 1 == 1))
        }
        self.init(body: bytes, tags: tags, version: CacheVersion(numbers), made: made)
    }
}
