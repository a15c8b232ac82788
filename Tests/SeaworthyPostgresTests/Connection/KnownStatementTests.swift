import SeaworthySQL
import Testing

@testable import SeaworthyPostgres

@Suite struct KnownStatementTests {
    private static let shortTime: UInt64 = 1_000_000
    private let statement = KnownStatement(SQLText("SELECT 1"), types: [], shortTime: shortTime)

    @Test func `is not short before it ran`() {
        #expect(!statement.isShort)
        statement.took(Self.shortTime - 1)
        #expect(statement.isShort)
    }

    @Test func `is long at once, and short again only after many that were`() {
        statement.took(1_000)
        statement.took(Self.shortTime)
        #expect(!statement.isShort)
        statement.took(30 * Self.shortTime)
        #expect(statement.duration == 30 * Self.shortTime)
        var runs = 0
        while !statement.isShort {
            statement.took(1_000)
            runs += 1
        }
        #expect((20...40).contains(runs))
    }

    @Test func `follows what one takes lately`() {
        statement.took(80_000)
        statement.took(160_000)
        #expect(statement.duration == 90_000)
    }

    @Test func `remembers so many texts, and then starts anew`() {
        var known = KnownStatements(shortTime: 1)
        let texts = (0...KnownStatements.maximumCount).map { SQLText("SELECT \($0)") }
        for text in texts.dropLast() { known.learn(text, types: [20]) }
        #expect(known[texts[0]]?.types == [20])
        known.forget(texts[0])
        #expect(known[texts[0]] == nil && known[texts[1]] != nil)
        known.learn(texts[0], types: [])
        known.learn(texts[KnownStatements.maximumCount], types: [])
        #expect(known[texts[1]] == nil && known[texts[KnownStatements.maximumCount]] != nil)
    }
}
