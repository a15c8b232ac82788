import Testing

@testable import SeaworthyHTTP

@Suite struct `Request id` {
    @Test(arguments: ["a", "0", "A.b_c-9", String(repeating: "x", count: 128)]) func `takes a well-formed id`(id: String) {
        #expect(RequestID.isValid(id))
    }

    @Test(arguments: ["", " ", "a b", "a/b", "ä", "a\n", "a@", "a[", "a`", "a{", "a:", String(repeating: "x", count: 129)])
    func `takes no other`(id: String) {
        #expect(!RequestID.isValid(id))
    }

    @Test func `makes 32 hexadecimal digits, reproducible from a seed`() {
        var generator = RequestID.Generator(high: 0, low: 1)
        // The first outputs of SplitMix64 for the seeds 0 and 1.
        #expect(generator.next() == "e220a8397b1dcdaf910a2dec89025cc1")
        #expect(generator.next().prefix(16) == "6e789e6aa1b965f4")
    }

    @Test func `makes different ids from the system's seed`() {
        var first = RequestID.Generator()
        var second = RequestID.Generator()
        let ids = Set((0..<1000).flatMap { _ in [first.next(), second.next()] })
        #expect(ids.count == 2000)
    }
}
