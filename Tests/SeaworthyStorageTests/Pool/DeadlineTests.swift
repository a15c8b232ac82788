import SeaworthyStorage
import Testing

@Suite struct DeadlineTests {
    @Test func `a deadline is its moment and a duration`() {
        let moment = Deadline(nanoseconds: 1_000)
        #expect(moment.advanced(by: .seconds(2)).nanoseconds == 2_000_001_000)
        #expect(moment.advanced(by: .milliseconds(1_500)).nanoseconds == 1_500_001_000)
        #expect(moment.advanced(by: .seconds(-3)).nanoseconds == 1_000)
        #expect(moment.advanced(by: .seconds(Int64.max)).nanoseconds == 3_155_760_000_000_001_000)
    }

    @Test func `a deadline in the past is past and one in the future is not`() {
        #expect(Deadline(nanoseconds: 0).isPast)
        #expect(Deadline(nanoseconds: 0).nanosecondsLeft == 0)
        let future = Deadline(after: .seconds(3_600))
        #expect(!future.isPast)
        #expect(future.nanosecondsLeft > 3_000_000_000_000)
    }
}
