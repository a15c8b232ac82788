import SeaworthyPostgres
import Testing

@Suite struct ReplicaSelectionTests {
    private var selection: ReplicaSelection

    init() {
        var settings = ReplicaSelection.Settings()
        settings.maximumLag = .nanoseconds(1_000)
        settings.validity = .nanoseconds(100)
        selection = ReplicaSelection(count: 2, settings)
    }

    @Test mutating func `nobody is chosen before the primary and a replica were heard`() {
        #expect(selection.choose(position: 0, at: 0) == nil)
        selection.replica(1, hasReplayed: 10, at: 0)
        #expect(selection.choose(position: 0, at: 0) == nil)
        selection.primary(isAt: 10, at: 0)
        #expect(selection.choose(position: 0, at: 0) == 1)
    }

    @Test mutating func `those that will do take turns`() {
        selection.primary(isAt: 10, at: 0)
        selection.replica(0, hasReplayed: 10, at: 0)
        selection.replica(1, hasReplayed: 10, at: 0)
        #expect((0..<4).map { _ in selection.choose(position: 0, at: 1) } == [0, 1, 0, 1])
    }

    @Test mutating func `one that has not what the client has seen is passed over`() {
        selection.primary(isAt: 19, at: 0)
        selection.primary(isAt: 20, at: 0)
        selection.replica(0, hasReplayed: 19, at: 0)
        selection.replica(1, hasReplayed: 20, at: 0)
        #expect((0..<3).map { _ in selection.choose(position: 20, at: 1) } == [1, 1, 1])
        #expect(selection.choose(position: 21, at: 1) == nil)
        #expect(selection.choose(position: 19, at: 1) == 0)
    }

    @Test mutating func `what was heard long ago is not believed`() {
        selection.primary(isAt: 10, at: 0)
        selection.replica(0, hasReplayed: 10, at: 0)
        #expect(selection.choose(position: 0, at: 100) == 0)
        #expect(selection.choose(position: 0, at: 101) == nil)
        selection.replica(0, hasReplayed: 10, at: 101)
        #expect(selection.choose(position: 0, at: 110) == 0)
        // It does not answer.
        selection.replica(0, hasReplayed: nil, at: 111)
        #expect(selection.choose(position: 0, at: 111) == nil)
    }

    @Test mutating func `one that is far behind the primary is passed over`() {
        for time: UInt64 in stride(from: 0, through: 2_000, by: 100) { selection.primary(isAt: 10 + time, at: time) }
        // It is where the primary was 1,000 ago; the other where it was 1,100 ago.
        selection.replica(0, hasReplayed: 1_010, at: 2_000)
        #expect(selection.choose(position: 0, at: 2_000) == 0)
        selection.replica(0, hasReplayed: 1_009, at: 2_000)
        #expect(selection.choose(position: 0, at: 2_000) == nil)
        selection.replica(0, hasReplayed: 5, at: 2_000)
        #expect(selection.choose(position: 0, at: 2_000) == nil)
    }

    @Test mutating func `a primary at which nothing is written leaves nobody behind`() {
        selection.primary(isAt: 10, at: 0)
        selection.primary(isAt: 10, at: 5_000)
        selection.replica(0, hasReplayed: 10, at: 5_000)
        #expect(selection.choose(position: 10, at: 5_000) == 0)
        // It was at 10 until now, so one write more is no lag yet.
        selection.primary(isAt: 11, at: 5_050)
        #expect(selection.choose(position: 0, at: 5_050) == 0)
    }

    @Test mutating func `a primary that does not answer leaves replicas as they were`() {
        selection.primary(isAt: 10, at: 0)
        selection.replica(0, hasReplayed: 10, at: 9_000)
        #expect(selection.choose(position: 0, at: 9_000) == 0)
    }

    @Test mutating func `another primary starts anew`() {
        selection.primary(isAt: 1_000, at: 0)
        selection.primary(isAt: 500, at: 10)
        selection.replica(0, hasReplayed: 500, at: 10)
        #expect(selection.choose(position: 0, at: 10) == 0)
        // A client of the old one has seen more than anybody has.
        #expect(selection.choose(position: 900, at: 10) == nil)
    }

    private func conditions(at now: UInt64) -> [String] {
        selection.conditions(at: now).map { "\($0.lag.map { "\(Int64($0 / .nanoseconds(1)))" } ?? "-") \($0.isUsed)" }
    }

    private func expect(at now: UInt64, _ expected: [String], location: SourceLocation = #_sourceLocation) {
        let found = conditions(at: now)
        #expect(found == expected, sourceLocation: location)
    }

    @Test mutating func `how each is, is told in nanoseconds behind the primary`() {
        expect(at: 0, ["- false", "- false"])
        selection.replica(0, hasReplayed: 10, at: 0)
        // As long as the primary was not heard nobody knows what behind means.
        expect(at: 0, ["- false", "- false"])
        for time: UInt64 in stride(from: 0, through: 2_000, by: 100) { selection.primary(isAt: 10 + time, at: time) }
        selection.replica(0, hasReplayed: 2_010, at: 2_000)
        selection.replica(1, hasReplayed: 1_510, at: 2_000)
        expect(at: 2_000, ["0 true", "500 true"])
        selection.replica(0, hasReplayed: 1_009, at: 2_000)
        // Behind what is remembered: at least as long.
        selection.replica(1, hasReplayed: 5, at: 2_000)
        expect(at: 2_000, ["1100 false", "1100 false"])
        expect(at: 2_101, ["- false", "- false"])
        selection.replica(0, hasReplayed: nil, at: 2_101)
        selection.replica(1, hasReplayed: 3_000, at: 2_101)
        expect(at: 2_101, ["- false", "0 true"])
    }
}
