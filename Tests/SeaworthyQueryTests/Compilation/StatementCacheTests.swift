import SeaworthyQuery
import SeaworthySQL
import Testing

@Suite struct StatementCacheTests {
    @Test func `a shape is compiled once and its text shared`() {
        let cache = StatementCache()
        let first = cache.text(entity: "A", .insert([1])) { SQLText("one") }
        let again = cache.text(entity: "A", .insert([1])) { SQLText("two") }
        #expect(first === again)
        #expect(again.text == "one")
        #expect(cache.compilations == 1)
        #expect(cache.count == 1)
    }

    @Test func `entities and shapes are told apart`() {
        let cache = StatementCache()
        let texts = [("A", [1]), ("A", [2]), ("B", [1])].map { entity, fields in
            cache.statement(entity: entity, .insert(fields)) { "\(entity)\(fields)" }.sql.text
        }
        #expect(texts == ["A[1]", "A[2]", "B[1]"])
        #expect(cache.compilations == 3)
    }

    @Test func `it stays within its limit and keeps what was used last`() {
        let cache = StatementCache(limit: 10)
        func use(_ number: Int) { _ = cache.text(entity: "A", .insert([number])) { SQLText("\(number)") } }
        for number in 0..<10 { use(number) }
        #expect(cache.count == 10)
        use(0)
        use(10)
        // Half of the limit and the new one.
        #expect(cache.count == 6)
        #expect(cache.compilations == 11)
        for number in [0, 6, 7, 8, 9, 10] { use(number) }
        #expect(cache.compilations == 11)
        use(1)
        #expect(cache.compilations == 12)
        for number in 100..<1_000 {
            use(number)
            #expect(cache.count <= 10)
        }
    }

    @Test func `a limit of less than two is two`() {
        let cache = StatementCache(limit: 0)
        for number in 0..<10 { _ = cache.text(entity: "A", .insert([number])) { SQLText("") } }
        #expect((1...2).contains(cache.count))
    }

    @Test func `callers at the same time get one text`() async {
        let cache = StatementCache(limit: 4)
        for round in 0..<50 {
            let texts = await withTaskGroup(of: SQLText.self) { group in
                for caller in 0..<8 {
                    group.addTask { cache.text(entity: "A", .insert([round])) { SQLText("\(round) \(caller)") } }
                }
                return await group.reduce(into: [SQLText]()) { $0.append($1) }
            }
            #expect(Set(texts.map(ObjectIdentifier.init)).count == 1)
            #expect(cache.compilations == round + 1)
            #expect(cache.count <= 4)
        }
    }
}
