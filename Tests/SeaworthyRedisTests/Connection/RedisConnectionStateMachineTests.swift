import NIOCore
import SeededNumbers
import Testing

@testable import SeaworthyRedis

@Suite struct RedisConnectionStateMachineTests {
    private var connection = RedisConnectionStateMachine<String>(stallTime: 100)

    /// Who the answer was for.
    private mutating func receive(_ value: RESPValue) -> String {
        switch connection.received(value) {
        case .answer(let waiter, let answer): answer == value ? waiter : "another value"
        case .late: "late"
        case .push(let elements): "push \(elements.count)"
        case .violation: "violation"
        }
    }

    private mutating func expect(_ value: RESPValue, is told: String, _ place: SourceLocation = #_sourceLocation) {
        let receiver = receive(value)
        #expect(receiver == told, sourceLocation: place)
    }

    private func expect(_ waiters: [String], _ wanted: [String], _ place: SourceLocation = #_sourceLocation) {
        #expect(waiters == wanted, sourceLocation: place)
    }

    @Test mutating func `gives answers in the order of the commands`() {
        connection.sent("a", deadline: 10)
        connection.sent("b", deadline: 11)
        expect(.integer(1), is: "a")
        expect(.null, is: "b")
        expect(.null, is: "violation")
    }

    @Test mutating func `what is pushed is nobody's answer`() {
        expect(.push([.text("x")]), is: "push 1")
        connection.sent("a", deadline: 10)
        expect(.push([.text("message"), .text("x")]), is: "push 2")
        expect(.integer(1), is: "a")
    }

    @Test mutating func `gives up at the deadline, and keeps the place of the answer that is still to come`() {
        for (index, name) in ["a", "b", "c"].enumerated() { connection.sent(name, deadline: UInt64(10 + index)) }
        #expect(connection.nextDeadline == 10)
        expect(connection.expire(now: 9), [])
        expect(connection.expire(now: 11), ["a", "b"])
        expect(connection.expire(now: 11), [])
        #expect(connection.nextDeadline == 12)
        #expect(connection.count == 3)
        expect(.integer(1), is: "late")
        expect(.integer(2), is: "late")
        expect(.integer(3), is: "c")
        #expect(connection.nextDeadline == nil)
    }

    @Test mutating func `is stalled when the first answer is long overdue, and not before`() {
        connection.sent("a", deadline: 10)
        #expect(!connection.isStalled(now: 1000))
        expect(connection.expire(now: 10), ["a"])
        #expect(connection.nextDeadline == 110)
        #expect(!connection.isStalled(now: 109))
        #expect(connection.isStalled(now: 110))
        connection.sent("b", deadline: 200)
        #expect(connection.nextDeadline == 110)
        expect(.null, is: "late")
        #expect(!connection.isStalled(now: 1000))
        #expect(connection.nextDeadline == 200)
    }

    @Test mutating func `the end is for everybody who still waits`() {
        for name in ["a", "b", "c"] { connection.sent(name, deadline: name == "a" ? 1 : 20) }
        expect(connection.expire(now: 5), ["a"])
        expect(connection.close(), ["b", "c"])
        expect(connection.close(), [])
        expect(connection.expire(now: 50), [])
        #expect(connection.nextDeadline == nil)
    }

    @Test(arguments: 0..<50 as Range<UInt64>) func `nobody is forgotten and nobody is told twice, whatever happens in which order`(
        seed: UInt64
    ) {
        var random = SplitMix(seed: seed)
        var machine = RedisConnectionStateMachine<Int>(stallTime: 30)
        var (now, next): (UInt64, Int) = (0, 0)
        var ended: [Int: Int] = [:]
        for _ in 0..<400 {
            now += UInt64.random(in: 0...3, using: &random)
            switch Int.random(in: 0...3, using: &random) {
            case 0, 1:
                machine.sent(next, deadline: now + 10)
                next += 1
            case 2:
                if machine.count > 0, case .answer(let waiter, _) = machine.received(.null) { ended[waiter, default: 0] += 1 }
            default: for waiter in machine.expire(now: now) { ended[waiter, default: 0] += 1 }
            }
        }
        for waiter in machine.close() { ended[waiter, default: 0] += 1 }
        #expect(ended.count == next && ended.values.allSatisfy { $0 == 1 })
    }
}
