import NIOCore
import SeaworthyQuery
import SeaworthySchema
import SeaworthyStorage
import SeededNumbers
import Synchronization
import Testing

@testable import SeaworthyData

/// Answers that are kept, against those that are made.
@Suite struct `Kept answers` {
    private static let entities = """
        Customer:
          key: id
          cache: 30s
          fields:
            id: { type: integer }
            name: { type: string, search: 1 }
            country: { type: string }
          access: { anyone: { read: true, create: true, update: true, delete: true }, abroad: { read: { country: { not: CH } } } }
        Order:
          key: id
          cache: 30s
          softDelete: true
          fields:
            id: { type: integer }
            customerID: { references: Customer, as: customer, inverse: orders, onDelete: cascade }
            agentID: { references: Agent, as: agent, inverse: orders, onDelete: setNull }
            amount: { type: integer }
            owner: { type: string }
          access:
            anyone: { read: { "agent.isActive": { equals: true } }, hide: [owner] }
            authenticated: { read: { owner: { equals: $user.id } } }
            clerk: { read: true, create: true, update: true, delete: true, restore: true, purge: true }
        Agent:
          key: id
          fields: { id: { type: integer }, name: { type: string }, isActive: { type: boolean } }
          access: { anyone: { read: true, create: true, update: true, delete: true } }
        Note:
          key: id
          fields: { id: { type: integer }, text: { type: string } }
          access: { anyone: { read: true, create: true } }
        """

    private static let clerk = Caller(user: Caller.User(id: "u1"), roles: ["clerk"])
    private static let callers = [
        Caller.anonymous, clerk, Caller(user: Caller.User(id: "u1")), Caller(user: Caller.User(id: "u2")),
        Caller(user: Caller.User(id: "u2"), roles: ["abroad"]), Caller(roles: [RoleAccess.admin]),
    ]

    /// A store that counts what is asked of it.
    private final class Counting: CacheStore {
        let memory = MemoryCache()
        let state = Mutex((changes: [[String]](), isAway: false))

        func known(_ key: CacheKey) -> CacheEntry? { memory.known(key) }

        func version(
            of tags: [CacheTag], with key: CacheKey?, lifetime: Duration
        ) async -> (version: CacheVersion, entry: CacheEntry?)? {
            state.withLock(\.isAway) ? nil : memory.version(of: tags, with: key, lifetime: lifetime)
        }

        func keep(_ entry: CacheEntry, as key: CacheKey, for lifetime: Duration) { memory.keep(entry, as: key, for: lifetime) }

        func change(_ tags: [CacheTag]) async {
            state.withLock { $0.changes.append(tags.map(\.name)) }
            memory.change(tags)
        }
    }

    private final class Setup: Sendable {
        let plain: TestStore
        let cached: RecordStore
        let store = Counting()
        let clock: Clock

        final class Clock: Sendable {
            let now = Mutex<Int64>(1_000_000)
            func advance(_ seconds: Int64) { now.withLock { $0 += seconds * 1_000_000 } }
        }

        init(_ entities: String = `Kept answers`.entities) async throws {
            plain = try await TestStore(entities)
            let clock = Clock()
            self.clock = clock
            let cache = QueryCache(plain.records.schema, version: "1", store: store) { clock.now.withLock(\.self) }
            cached = RecordStore(
                schema: plain.records.schema, database: plain.database, dialect: plain.dialect, secretKeys: TestStore.secretKeys,
                cache: cache)
        }

        func collection(_ name: String) throws -> RecordCollection { try #require(cached.collection(named: name)) }

        func list(
            _ entity: String, _ query: KeyValuePairs<String, String> = [:], as caller: Caller = .anonymous
        ) async throws -> (body: String, outcome: CacheOutcome?, age: Int?) {
            let page = try await collection(entity).list(query: query.map { ($0.key, $0.value) }, as: caller)
            return (String(buffer: page.body), page.cache?.outcome, page.cache?.age)
        }

        func read(_ entity: String, _ key: String, as caller: Caller = .anonymous) async throws -> (body: String, outcome: CacheOutcome?) {
            let record = try await collection(entity).read(key: [key], query: [], as: caller)
            return (String(buffer: record.body), record.cache?.outcome)
        }

        @discardableResult
        func create(_ entity: String, _ json: String, as caller: Caller = clerk) async throws -> StoredRecord {
            try await collection(entity).create(try JSONParser.parse(json), WriteRequest(caller, now: TestStore.now))
        }

        func update(_ entity: String, _ key: String, _ patch: String, as caller: Caller = clerk) async throws {
            _ = try await collection(entity).update(key: [key], try JSONParser.parse(patch), WriteRequest(caller, now: TestStore.now))
        }
    }

    @Test func `a second request has what the first one made, until something changes`() async throws {
        let setup = try await Setup()
        try await setup.create("Customer", #"{"id":1,"name":"Ann","country":"CH"}"#)
        let first = try await setup.list("Customer")
        let second = try await setup.list("Customer")
        #expect(first.outcome == .miss && second.outcome == .hit && first.body == second.body)
        try await setup.update("Customer", "1", #"{"name":"Bea"}"#)
        let third = try await setup.list("Customer")
        #expect(third.outcome == .miss && third.body.contains("Bea"))
        // Another request, another answer.
        #expect(try await setup.list("Customer", ["limit": "1"]).outcome == .miss)
        #expect(try await setup.list("Customer", ["limit": "2"]).outcome == .miss)
        // What keeps nothing says nothing of it.
        #expect(try await setup.list("Agent").outcome == nil)
    }

    @Test func `one record's answer is not changed by another's`() async throws {
        let setup = try await Setup()
        for id in 1...2 { try await setup.create("Customer", #"{"id":\#(id),"name":"A"}"#) }
        for id in ["1", "2"] { #expect(try await setup.read("Customer", id).outcome == .miss) }
        try await setup.update("Customer", "1", #"{"name":"B"}"#)
        #expect(try await setup.read("Customer", "2").outcome == .hit)
        let changed = try await setup.read("Customer", "1")
        #expect(changed.outcome == .miss && changed.body.contains("\"B\""))
        // Its entity tags are kept with it.
        let (kept, made) = (
            try await setup.collection("Customer").read(key: ["1"], query: []),
            try await setup.plain.collection("Customer").read(key: ["1"], query: [])
        )
        #expect(kept.cache?.outcome == .hit && kept.tags == made.tags && kept.tags.count == 1)
        await #expect(throws: RecordError.self) { try await setup.read("Customer", "3") }
    }

    @Test func `nobody is answered by what was made for somebody who sees more or less`() async throws {
        let setup = try await Setup()
        try await setup.create("Agent", #"{"id":1,"name":"X","isActive":true}"#)
        try await setup.create("Agent", #"{"id":2,"name":"Y","isActive":false}"#)
        try await setup.create("Customer", #"{"id":1,"name":"Ann","country":"CH"}"#)
        for (id, agent, owner) in [(1, 1, "u1"), (2, 2, "u2"), (3, 2, "u1")] {
            try await setup.create("Order", #"{"id":\#(id),"customerID":1,"agentID":\#(agent),"amount":\#(id),"owner":"\#(owner)"}"#)
        }
        for _ in 0..<2 {
            for caller in Self.callers {
                for entity in ["Order", "Customer"] {
                    #expect(
                        try await setup.list(entity, as: caller).body == setup.plain.list(entity, as: caller), "\(entity) for \(caller)")
                }
            }
        }
        // Two who see the same share it; a key of less scope does not.
        #expect(try await setup.list("Customer", as: Caller(user: Caller.User(id: "u7"))).outcome == .hit)
        #expect(try await setup.list("Order", as: Caller(user: Caller.User(id: "u7"))).outcome == .miss)
        var scoped = Self.clerk
        scoped.scopes = [try #require(AccessScope("Customer:read"))]
        #expect(try await setup.list("Customer", as: scoped).outcome == .miss)
        await #expect(throws: RecordError.self) { try await setup.list("Order", as: scoped) }
        #expect(try await setup.list("Order", as: Caller(roles: ["other"])).outcome == .miss)
    }

    @Test func `a cursor of a kept page is good for whoever gets it`() async throws {
        let setup = try await Setup()
        for id in 1...3 { try await setup.create("Customer", #"{"id":\#(id),"name":"A"}"#) }
        for caller in [Caller(user: Caller.User(id: "u8")), Caller(user: Caller.User(id: "u9"))] {
            let page = try await setup.collection("Customer").list(query: [("limit", "2")], as: caller)
            guard case .cursor(let cursor)? = page.next else {
                Issue.record("no cursor")
                return
            }
            #expect(try await setup.list("Customer", ["limit": "2", "cursor": cursor], as: caller).body.contains(#""id":3"#))
            #expect(page.cache?.outcome == (caller.user?.id == "u8" ? .miss : .hit))
        }
        let pages = [
            try await setup.collection("Customer").list(query: [("page", "1"), ("limit", "2")]),
            try await setup.collection("Customer").list(query: [("page", "1"), ("limit", "2")]),
        ]
        #expect(pages.map(\.next) == [.page(2), .page(2)] && pages[1].cache?.outcome == .hit)
    }

    @Test func `what is too old is made anew, or given out once more while it is`() async throws {
        let setup = try await Setup(
            Self.entities.replacing(
                "Customer:\n  key: id\n  cache: 30s", with: "Customer:\n  key: id\n  cache: { for: 30s, staleWhileRevalidate: 60s }"))
        try await setup.create("Customer", #"{"id":1,"name":"Ann"}"#)
        #expect(try await setup.list("Customer").outcome == .miss)
        setup.clock.advance(29)
        let fresh = try await setup.list("Customer")
        #expect(fresh.outcome == .hit && fresh.age == 29)
        // Changed past the server: so it shows which answer it is.
        try await setup.plain.run("UPDATE customers SET name = 'Bea'")
        setup.clock.advance(1)
        let stale = try await setup.list("Customer")
        #expect(stale.outcome == .stale && stale.age == 30 && stale.body.contains("Ann"))
        while try await setup.list("Customer").outcome != .hit { try await Task.sleep(for: .milliseconds(1)) }
        #expect(try await setup.list("Customer").body.contains("Bea"))
        setup.clock.advance(90)
        #expect(try await setup.list("Customer").outcome == .miss)
        // What has changed is never given out, however young it is.
        try await setup.update("Customer", "1", #"{"name":"Cyd"}"#)
        setup.clock.advance(31)
        let changed = try await setup.list("Customer")
        #expect(changed.outcome == .miss && changed.body.contains("Cyd"))
        // Without more time it is gone at its end.
        #expect(try await setup.list("Order", as: Self.clerk).outcome == .miss)
        setup.clock.advance(30)
        #expect(try await setup.list("Order", as: Self.clerk).outcome == .miss)
    }

    @Test func `without the store everything is made, and nothing is kept`() async throws {
        let setup = try await Setup()
        try await setup.create("Customer", #"{"id":1,"name":"Ann"}"#)
        _ = try await setup.list("Customer")
        setup.store.state.withLock { $0.isAway = true }
        for _ in 0..<2 { #expect(try await setup.list("Customer").outcome == .bypass) }
        #expect(try await setup.list("Customer", ["limit": "1"]).outcome == .bypass)
        setup.store.state.withLock { $0.isAway = false }
        #expect(try await setup.list("Customer").outcome == .hit)
        #expect(try await setup.list("Customer", ["limit": "1"]).outcome == .miss)
    }

    @Test func `many who miss at once have it made once`() async throws {
        let setup = try await Setup()
        try await setup.create("Customer", #"{"id":1,"name":"Ann"}"#)
        let bodies = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await setup.list("Customer").body } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(bodies.count == 1)
    }

    @Test func `a write tells what it changed, and nobody of what no answer depends on`() async throws {
        let setup = try await Setup()
        try await setup.create("Note", #"{"id":1,"text":"x"}"#)
        #expect(setup.store.state.withLock(\.changes) == [])
        try await setup.create("Agent", #"{"id":1,"isActive":true}"#)
        let digest = CacheKeys.digest(of: [.integer(1)])
        #expect(setup.store.state.withLock(\.changes) == [["Agent", "Agent/\(digest)"]])
        // What the rule or the check refuses changes nothing.
        await #expect(throws: RecordError.self) { try await setup.create("Agent", #"{"id":"x"}"#) }
        #expect(setup.store.state.withLock(\.changes).count == 1)
        let touched = TouchedRecords()
        let entity = try setup.collection("Agent").entity
        for id in 0...Int64(TouchedRecords.maximumKeys) { touched.add(entity, key: [.integer(id)]) }
        #expect(touched.tags(among: ["Agent"], hasViews: false) == [.entity("Agent"), .unnamed("Agent")])
        touched.add(entity, key: [.integer(5000)])
        #expect(touched.tags(among: ["Agent"], hasViews: true) == [.anything, .entity("Agent"), .unnamed("Agent")])
        #expect(touched.tags(among: ["Order"], hasViews: false) == [])
    }

    /// Whatever is done through the server, whoever asks gets what is there.
    @Test(arguments: 0..<6 as Range<UInt64>) func `random writes are seen by every read that follows`(seed: UInt64) async throws {
        let setup = try await Setup()
        var random = SplitMix(seed: seed)
        let reads: [(String, KeyValuePairs<String, String>)] = [
            ("Customer", [:]), ("Customer", ["include": "orders"]), ("Customer", ["filter": #"{"orders":{"some":{"amount":{"gt":3}}}}"#]),
            ("Customer", ["search": "a"]), ("Order", [:]), ("Order", ["include": "customer,agent"]), ("Order", ["sort": "customer.name"]),
            ("Order", ["filter": #"{"agent.name":"X"}"#]), ("Order", ["page": "1", "count": "exact"]),
        ]
        for step in 0..<60 {
            let (id, other) = (Int.random(in: 1...4, using: &random), Int.random(in: 1...4, using: &random))
            let number = Int.random(in: 0...6, using: &random)
            do {
                switch Int.random(in: 0...10, using: &random) {
                case 0: try await setup.create("Customer", #"{"id":\#(id),"name":"A\#(step)","country":"CH"}"#)
                case 1: try await setup.update("Customer", "\(id)", #"{"name":"A\#(step)"}"#)
                case 2: try await setup.collection("Customer").delete(key: ["\(id)"], WriteRequest(Self.clerk, now: TestStore.now))
                case 3: try await setup.create("Agent", #"{"id":\#(id),"name":"X","isActive":true}"#)
                case 4: try await setup.update("Agent", "\(id)", #"{"name":"\#(number > 3 ? "X" : "Y")","isActive":\#(number > 2)}"#)
                case 5: try await setup.collection("Agent").delete(key: ["\(id)"], WriteRequest(Self.clerk, now: TestStore.now))
                case 6, 7:
                    let body =
                        #"{"id":\#(id),"customerID":\#(other),"agentID":\#(1 + number % 4),"amount":\#(number),"owner":"u\#(1 + number % 2)"}"#
                    try await setup.create("Order", body)
                case 8:
                    try await setup.update("Order", "\(id)", #"{"amount":\#(number),"owner":"u\#(1 + number % 2)","agentID":\#(other)}"#)
                case 9:
                    try await setup.collection("Order").delete(
                        key: ["\(id)"], WriteRequest(Self.clerk, now: TestStore.now), isPurge: number > 3)
                default: _ = try await setup.collection("Order").restore(key: ["\(id)"], WriteRequest(Self.clerk, now: TestStore.now))
                }
            } catch is RecordError {}
            for caller in Self.callers {
                let (entity, query) = reads[Int.random(in: 0..<reads.count, using: &random)]
                // Once kept, once by what was kept.
                for _ in 0..<2 {
                    let (kept, made) = (
                        try await setup.list(entity, query, as: caller).body, try await setup.plain.list(entity, query, as: caller)
                    )
                    #expect(kept == made, "\(entity) \(query) at step \(step)")
                }
                let made = try? await setup.plain.collection("Order").read(key: ["\(id)"], query: [], as: caller).body
                #expect((try? await setup.read("Order", "\(id)", as: caller).body) == made.map { String(buffer: $0) })
            }
        }
    }

    @Test func `imports, batches and aggregates are seen and kept like all else`() async throws {
        let setup = try await Setup()
        try await setup.create("Customer", #"{"id":1,"name":"Ann"}"#)
        func total(_ kept: Bool = true) async throws -> (String, CacheOutcome?) {
            let page = try await setup.collection("Customer").aggregate(query: [("measures", "count")])
            return (String(buffer: page.body), page.cache?.outcome)
        }
        #expect(try await total().1 == .miss)
        #expect(try await total().1 == .hit)
        _ = try await setup.read("Customer", "1")
        let operation = BatchOperation(try setup.collection("Customer"), .update(key: ["1"]), body: ["name": "Bea"])
        _ = try await setup.cached.batch([operation], WriteRequest(Self.clerk, now: TestStore.now))
        #expect(try await setup.read("Customer", "1").body.contains("Bea"))
        #expect(try await total().1 == .miss)
        let rows = TextSource(#"[{"id":1,"name":"Cyd"},{"id":2,"name":"Dan"}]"#)
        _ = try? await RecordImport(into: setup.collection("Customer"), from: rows, options: .init(format: .json), now: 0) { _, _ in }.run()
        let more = TextSource(#"[{"id":5,"name":"Eve"}]"#)
        _ = try await RecordImport(into: setup.collection("Customer"), from: more, options: .init(format: .json), now: 0) { _, _ in }.run()
        let counted = try await total()
        #expect(counted.1 == .miss && counted.0.contains("2"))
        #expect(try await setup.list("Customer").body == setup.plain.list("Customer"))
    }
}
