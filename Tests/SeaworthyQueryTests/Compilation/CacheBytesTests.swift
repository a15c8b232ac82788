import SeaworthyQuery
import SeaworthySQL
import Testing

@Suite struct CacheBytesTests {
    @Test func `texts are kept up to a number of bytes, the newest first`() {
        let cache = StatementCache(limit: 1000)
        let text = String(repeating: "x", count: StatementCache.maximumTextBytes / 8)
        for field in 0..<8 { _ = cache.text(entity: "T", .insert([field])) { SQLText(text) } }
        #expect(cache.count == 8)
        _ = cache.text(entity: "T", .insert([8])) { SQLText("y") }
        #expect(cache.count == 5)
        #expect(cache.text(entity: "T", .insert([7])) { SQLText("made again") }.text == text)
        #expect(cache.text(entity: "T", .insert([0])) { SQLText("made again") }.text == "made again")
        // One larger than the bound is kept alone.
        _ = cache.text(entity: "T", .insert([9])) { SQLText(text + text + text + text + text + text + text + text + text) }
        #expect(cache.count == 1)
    }
}
