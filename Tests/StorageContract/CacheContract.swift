import NIOCore
package import SeaworthyStorage
import Testing

/// What every store of answers owes, as named checks: each store's tests run all of them.
package enum CacheContract {
    package struct Check: Sendable, CustomStringConvertible {
        package let name: String
        /// Handed two ways to one store, as two nodes have them, and how to wait for what nobody waits for.
        package let run: @Sendable (_ one: any CacheStore, _ other: any CacheStore, _ isShared: Bool) async throws -> Void

        package var description: String { name }
    }

    private static let minute: Duration = .seconds(60)
    private static let key = CacheKey(high: 1, low: 2)
    private static let orders = CacheTag.entity("Order")
    private static let customers = CacheTag.entity("Customer")

    private static func version(_ store: any CacheStore, _ tags: CacheTag...) async throws -> CacheVersion {
        try #require(await store.version(of: tags, with: nil, lifetime: minute)?.version)
    }

    private static func entry(_ text: String, _ tags: [CacheTag], _ version: CacheVersion) -> CacheEntry {
        CacheEntry(body: ByteBuffer(string: text), tags: tags, version: version, made: 5)
    }

    package static let checks: [Check] = [
        Check(name: "a version stays until one of its tags changes") { store, _, _ in
            let before = try await version(store, orders, customers)
            #expect(try await version(store, orders, customers) == before)
            await store.change([customers])
            let after = try await version(store, orders, customers)
            #expect(after != before)
            #expect(try await version(store, orders, customers) == after)
            await store.change([])
            #expect(try await version(store, orders, customers) == after)
        },
        Check(name: "what does not depend on a tag is not changed by it") { store, _, _ in
            let before = try await version(store, orders)
            await store.change([customers, .record("Order", digest: "x"), .unnamed("Order"), .anything])
            #expect(try await version(store, orders) == before)
            let record = try await version(store, .record("Order", digest: "a"), .unnamed("Order"))
            await store.change([orders, .record("Order", digest: "b")])
            #expect(try await version(store, .record("Order", digest: "a"), .unnamed("Order")) == record)
            await store.change([.record("Order", digest: "a")])
            #expect(try await version(store, .record("Order", digest: "a"), .unnamed("Order")) != record)
        },
        Check(name: "no version ever comes back") { store, _, _ in
            var seen: Set<CacheVersion> = []
            for _ in 0..<100 {
                let now = try await version(store, orders)
                #expect(seen.insert(now).inserted)
                await store.change([orders])
            }
        },
        Check(name: "what is kept is known, with everything that belongs to it") { store, _, _ in
            #expect(store.known(key) == nil)
            let now = try await version(store, orders, .record("Order", digest: "a"))
            let kept = entry("{\"data\":[]}\u{0}\r\n", [orders, .record("Order", digest: "a")], now)
            store.keep(kept, as: key, for: minute)
            #expect(store.known(key) == kept)
            #expect(store.known(CacheKey(high: 2, low: 1)) == nil)
            let newer = entry("other", [orders], now)
            store.keep(newer, as: key, for: minute)
            #expect(store.known(key) == newer)
        },
        Check(name: "of an empty list of tags there is a version, too") { store, _, _ in
            let (first, second) = (try await version(store), try await version(store))
            #expect(first == second)
        },
        Check(name: "a change by one is seen by the other, at once") { one, other, _ in
            for _ in 0..<200 {
                let before = try await version(other, orders)
                await one.change([orders])
                let after = try await version(other, orders)
                #expect(after != before)
            }
        },
        Check(name: "what one keeps the other gets with the version, where they share it") { one, other, isShared in
            guard isShared else { return }
            let now = try await version(one, orders)
            let kept = entry("shared", [orders], now)
            one.keep(kept, as: key, for: minute)
            var found: CacheEntry?
            while found == nil { found = await other.version(of: [orders], with: key, lifetime: minute)?.entry }
            #expect(found == kept)
            // From then on it is at hand.
            #expect(other.known(key) == kept)
            #expect(try await version(other, orders) == kept.version)
        },
        Check(name: "changes and looks at the same time lose no change") { one, other, _ in
            await withTaskGroup(of: Void.self) { group in
                for turn in 0..<8 {
                    group.addTask {
                        for _ in 0..<50 { await (turn % 2 == 0 ? one : other).change([.entity("E\(turn)")]) }
                    }
                    group.addTask {
                        for _ in 0..<50 {
                            guard let before = await other.version(of: [.entity("E\(turn)")], with: nil, lifetime: minute)?.version else {
                                continue
                            }
                            await one.change([.entity("E\(turn)")])
                            let after = await other.version(of: [.entity("E\(turn)")], with: nil, lifetime: minute)?.version
                            #expect(after != nil && after != before)
                        }
                    }
                }
            }
        },
    ]
}
