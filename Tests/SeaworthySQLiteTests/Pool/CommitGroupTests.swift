import SeaworthyStorage
import Testing

@testable import SeaworthySQLite

@Suite struct CommitGroupTests {
    private let start = Deadline(nanoseconds: 1_000)

    @Test func `a group is due when it has as many members as it may`() {
        var group = CommitGroup<Int>(limit: 2, time: .seconds(1))
        #expect(group.isEmpty)
        group.join(1, now: start)
        #expect(!group.isEmpty)
        #expect(!group.isDue(now: start))
        group.join(2, now: start)
        #expect(group.isDue(now: start))
        #expect(group.take() == [1, 2])
        #expect(group.isEmpty)
        #expect(group.take().isEmpty)
    }

    @Test func `a group is due some time after its first member, however late the others came`() {
        var group = CommitGroup<Int>(limit: 9, time: .nanoseconds(100))
        group.join(1, now: start)
        group.join(2, now: Deadline(nanoseconds: 1_099))
        #expect(!group.isDue(now: Deadline(nanoseconds: 1_099)))
        #expect(group.isDue(now: Deadline(nanoseconds: 1_100)))
        _ = group.take()
        group.join(3, now: Deadline(nanoseconds: 1_150))
        #expect(!group.isDue(now: Deadline(nanoseconds: 1_249)))
        #expect(group.isDue(now: Deadline(nanoseconds: 1_250)))
    }

    @Test func `a member can close its group, and only its own`() {
        var group = CommitGroup<Int>(limit: 9, time: .seconds(1))
        group.join(1, now: start, closes: true)
        #expect(group.isDue(now: start))
        _ = group.take()
        group.join(2, now: start)
        #expect(!group.isDue(now: start))
    }

    @Test(arguments: [1, 0, -5])
    func `a limit below two is a commit each`(limit: Int) {
        var group = CommitGroup<Int>(limit: limit, time: .seconds(1))
        group.join(1, now: start)
        #expect(group.isDue(now: start))
    }
}
