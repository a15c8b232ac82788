import NIOCore
import SeededNumbers
import StorageContract
import Testing

@testable import SeaworthyStorage

@Suite struct MemoryCacheTests {
    @Test(arguments: CacheContract.checks) func `keeps the contract`(check: CacheContract.Check) async throws {
        let cache = MemoryCache()
        try await check.run(cache, cache, false)
    }

    @Test func `holds its bound of bytes, and forgets what was not used for longest`() {
        let cache = MemoryCache(maximumBytes: 3 * (1000 + MemoryCache.entryCost))
        let entry = CacheEntry(body: ByteBuffer(repeating: 0x61, count: 1000), tags: [], version: CacheVersion([]), made: 0)
        func key(_ number: UInt64) -> CacheKey { CacheKey(high: number, low: 0) }
        for number in 1...3 { cache.keep(entry, as: key(UInt64(number)), for: .seconds(1)) }
        #expect(cache.known(key(1)) != nil)
        cache.keep(entry, as: key(4), for: .seconds(1))
        #expect([1, 2, 3, 4].map { cache.known(key($0)) != nil } == [true, false, true, true])
        #expect(cache.cost == 3 * (1000 + MemoryCache.entryCost))
        // One that is larger than all may be takes no other's place.
        cache.keep(
            CacheEntry(body: ByteBuffer(repeating: 0, count: 5000), tags: [], version: CacheVersion([]), made: 0), as: key(5),
            for: .seconds(1))
        #expect(cache.known(key(5)) == nil && cache.known(key(4)) != nil)
    }
}

@Suite struct BoundedCacheTests {
    /// The same, by simple means: keys from the one used last.
    private struct Model {
        var order: [(key: Int, value: Int, cost: Int)] = []

        mutating func use(_ key: Int) -> Int? {
            guard let index = order.firstIndex(where: { $0.key == key }) else { return nil }
            let slot = order.remove(at: index)
            order.insert(slot, at: 0)
            return slot.value
        }

        mutating func set(_ key: Int, _ value: Int, _ cost: Int, _ maximum: Int) {
            order.removeAll { $0.key == key }
            guard cost <= maximum else { return }
            while order.reduce(cost, { $0 + $1.cost }) > maximum { order.removeLast() }
            order.insert((key, value, cost), at: 0)
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>) func `is as a simple model of it, whatever is done`(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        let cache = BoundedCache<Int, Int>(maximumCost: 50)
        var model = Model()
        for step in 0..<2000 {
            let key = Int.random(in: 0..<30, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0:
                let cost = Int.random(in: 1...20, using: &generator) * (step % 97 == 0 ? 5 : 1)
                cache.set(key, step, cost: cost)
                model.set(key, step, cost, 50)
            case 1:
                cache.remove(key)
                model.order.removeAll { $0.key == key }
            case 2:
                let made = cache.value(key, cost: 3) { step }
                let known = model.use(key)
                if known == nil { model.set(key, step, 3, 50) }
                #expect(made == known ?? step)
            default:
                let value = cache[key]
                let wanted = model.use(key)
                #expect(value == wanted)
            }
            #expect(cache.cost == model.order.reduce(0) { $0 + $1.cost } && cache.count == model.order.count)
        }
    }
}

@Suite struct SingleFlightTests {
    private struct Refusal: Error, Equatable {}

    @Test func `many at once have it done once, and all get it`() async throws {
        let flight = SingleFlight<String, Int>()
        let runs = BoundedCache<Int, Int>(maximumCost: 1000)
        let values = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await flight.run("a") {
                        runs.set(runs.count, 0, cost: 1)
                        try await Task.sleep(for: .milliseconds(200))
                        return 7
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(values == Array(repeating: 7, count: 50))
        #expect(runs.count < 50)
        #expect(try await flight.run("a") { 8 } == 8)
    }

    @Test func `an error is everybody's, and the next tries again`() async throws {
        let flight = SingleFlight<String, Int>()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    await #expect(throws: Refusal.self) {
                        try await flight.run("a") {
                            try await Task.sleep(for: .milliseconds(100))
                            throw Refusal()
                        }
                    }
                }
            }
        }
        #expect(try await flight.run("a") { 1 } == 1)
    }

    @Test func `where who does it is cancelled, another does it`() async throws {
        let flight = SingleFlight<String, Int>()
        let begun = BoundedCache<Int, Int>(maximumCost: 1000)
        let first = Task {
            try await flight.run("a") {
                begun.set(0, 0, cost: 1)
                try await Task.sleep(for: .seconds(600))
                return 1
            }
        }
        while begun.count == 0 { try await Task.sleep(for: .milliseconds(1)) }
        let second = Task { try await flight.run("a") { 2 } }
        try await Task.sleep(for: .milliseconds(20))
        first.cancel()
        #expect(try await second.value == 2)
        await #expect(throws: CancellationError.self) { try await first.value }
    }
}
