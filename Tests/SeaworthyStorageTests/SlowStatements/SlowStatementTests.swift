import SeaworthyStorage
import Synchronization
import Testing

@Suite struct `Slow statements` {
    /// Keeps what it is told.
    private final class Notes: Sendable {
        private let notes = Mutex([SlowStatement]())
        let asked = Mutex([String]())

        func add(_ statement: SlowStatement) { notes.withLock { $0.append(statement) } }

        func wait(for count: Int) async throws -> [SlowStatement] {
            while notes.withLock({ $0.count }) < count { try await Task.sleep(for: .milliseconds(1)) }
            return notes.withLock { $0 }
        }
    }

    @Test func `are told from the limit on, with their plan once`() async throws {
        let notes = Notes()
        let watch = SlowStatementWatch(threshold: .milliseconds(5), observer: notes.add) { sql in
            notes.asked.withLock { $0.append(sql) }
            return "plan of \(sql)"
        }
        watch.ran("SELECT 1", nanoseconds: 4_999_999, rows: 1, error: nil)
        watch.ran("SELECT 2", nanoseconds: 5_000_000, rows: 7, error: nil)
        var told = try await notes.wait(for: 1)
        #expect(told[0].sql == "SELECT 2")
        #expect(told[0].duration == .milliseconds(5))
        #expect(told[0].rows == 7)
        #expect(told[0].error == nil)
        #expect(told[0].plan == "plan of SELECT 2")
        watch.ran("SELECT 2", nanoseconds: 6_000_000, rows: 8, error: StorageError(.statementTimeout, message: ""))
        told = try await notes.wait(for: 2)
        #expect(told[1].plan == nil)
        #expect(told[1].rows == 0)
        #expect(told[1].error == .statementTimeout)
        // The first has been told, so that the way is free for another's plan.
        watch.ran("SELECT 3", nanoseconds: 6_000_000, rows: 8, error: nil)
        told = try await notes.wait(for: 3)
        #expect(told[2].plan == "plan of SELECT 3")
        #expect(notes.asked.withLock { $0 } == ["SELECT 2", "SELECT 3"])
    }

    private func check(_ found: Bool, _ expected: Bool, _ place: SourceLocation = #_sourceLocation) {
        #expect(found == expected, sourceLocation: place)
    }

    @Test func `one plan is asked for at a time`() {
        var limit = PlanLimit()
        check(limit.begins("a", at: 0), true)
        check(limit.begins("b", at: 1), false)
        limit.ended()
        check(limit.begins("b", at: 2), true)
    }

    @Test func `a text's plan is asked for once a minute`() {
        var limit = PlanLimit()
        check(limit.begins("a", at: 10), true)
        limit.ended()
        check(limit.begins("a", at: 60_000_000_009), false)
        check(limit.begins("a", at: 60_000_000_010), true)
    }

    @Test func `a bounded number of texts is remembered`() {
        var limit = PlanLimit()
        for number in 0..<PlanLimit.maximumTexts {
            check(limit.begins("\(number)", at: UInt64(number)), true)
            limit.ended()
        }
        check(limit.begins("one more", at: 1_000), false)
        // Those of more than a minute ago make room.
        check(limit.begins("one more", at: PlanLimit.interval), true)
    }
}
