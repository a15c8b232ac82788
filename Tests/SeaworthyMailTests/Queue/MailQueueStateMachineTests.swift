import Testing

@testable import SeaworthyMail

@Suite struct `The policy of trying again` {
    private static let second: UInt64 = 1_000_000_000
    private var machine: MailQueueStateMachine<String>

    init() {
        machine = MailQueueStateMachine(MailQueueSettings())
    }

    private func step(at second: Double) -> String {
        switch machine.next(at: UInt64(second * 1_000_000_000)) {
        case .deliver(_, let mail): mail
        case .wait(nil): "idle"
        case .wait(let until?): "until \(Double(until) / 1_000_000_000)"
        case .finished: "finished"
        }
    }

    private mutating func accept(_ mails: String..., at second: UInt64 = 0) throws {
        for mail in mails { try machine.accept(mail, bytes: 1, at: second * Self.second) }
    }

    private mutating func fail(
        _ number: UInt64, ofServer: Bool = false, mayRetry: Bool = true, chance: Double = 1, at second: Double
    ) -> MailQueueStateMachine<String>.Setback {
        machine.failed(number, isOfServer: ofServer, mayRetry: mayRetry, chance: chance, at: UInt64(second * 1_000_000_000))
    }

    private func seconds(_ setback: MailQueueStateMachine<String>.Setback) -> Double? {
        setback.pause.map { Double($0) / 1_000_000_000 }
    }

    @Test mutating func `delivers in the order in which they came`() throws {
        #expect(step(at: 0) == "idle")
        try accept("a", "b")
        #expect(step(at: 0) == "a" && machine.count == 2)
        machine.delivered(0)
        #expect(step(at: 0) == "b")
        machine.delivered(1)
        #expect(step(at: 0) == "idle" && machine.count == 0)
    }

    @Test mutating func `refuses at once what is beyond the bound on mails or bytes`() throws {
        var settings = MailQueueSettings()
        settings.limit = 2
        settings.byteLimit = 100
        machine = MailQueueStateMachine(settings)
        try machine.accept("a", bytes: 60, at: 0)
        #expect(throws: MailQueueStateMachine<String>.Refusal.queueFull) { try machine.accept("b", bytes: 41, at: 0) }
        try machine.accept("c", bytes: 40, at: 0)
        machine.delivered(0)
        try machine.accept("d", bytes: 60, at: 0)
        machine.delivered(1)
        machine.delivered(2)
        try accept("e", "f")
        #expect(throws: MailQueueStateMachine<String>.Refusal.queueFull) { try machine.accept("g", bytes: 0, at: 0) }
    }

    @Test mutating func `doubles the pause with each attempt, from 1 s to 5 min`() throws {
        try accept("a")
        var pauses: [Double?] = []
        for _ in 0..<11 { pauses.append(seconds(fail(0, at: 0))) }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
        for _ in 0..<80 { #expect(seconds(fail(0, at: 0)) == 300) }
    }

    @Test mutating func `waits between half of the pause and all of it`() throws {
        try accept("a")
        #expect(seconds(fail(0, chance: 0, at: 0)) == 0.5)
        #expect(seconds(fail(0, chance: 0.5, at: 0)) == 1.5)
        #expect(seconds(fail(0, chance: 7, at: 0)) == 4)
        #expect(step(at: 3.9) == "until 4.0" && step(at: 4) == "a")
    }

    @Test mutating func `lets others past a mail that waits, and tries first what was tried least`() throws {
        try accept("a", "b")
        _ = fail(0, at: 0)
        #expect(step(at: 0) == "b")
        _ = fail(1, at: 5)
        try accept("c", at: 6)
        #expect(step(at: 6) == "c")
        machine.delivered(2)
        #expect(step(at: 6) == "a")
        _ = fail(0, at: 6)
        #expect(step(at: 6) == "b")
    }

    @Test mutating func `gives up what the server refuses for good`() throws {
        try accept("a")
        let setback = fail(0, mayRetry: false, at: 0)
        #expect(setback.pause == nil && setback.givenUp.map(\.mail) == ["a"] && setback.givenUp.map(\.attempts) == [1])
        #expect(machine.count == 0 && step(at: 0) == "idle")
        #expect(fail(0, at: 0).givenUp.isEmpty)
    }

    @Test mutating func `gives up where the next attempt would be later than 30 min after it was accepted`() throws {
        try accept("a", at: 100)
        #expect(seconds(fail(0, at: 1899)) == 1)
        let setback = fail(0, at: 1899)
        #expect(setback.pause == nil && setback.givenUp.map(\.attempts) == [2] && machine.count == 0)
    }

    @Test mutating func `holds all back while the server is not reached, and asks with another mail each time`() throws {
        try accept("a", "b")
        #expect(seconds(fail(0, ofServer: true, at: 0)) == 1)
        #expect(step(at: 0) == "until 1.0" && step(at: 1) == "b")
        #expect(seconds(fail(1, ofServer: true, at: 1)) == 2)
        try accept("c", at: 2)
        #expect(step(at: 2) == "until 3.0" && step(at: 3) == "c")
        machine.delivered(2)
        // It is reached again: the rest goes at once, and the next pause is a short one.
        #expect(step(at: 3) == "a")
        #expect(seconds(fail(0, ofServer: true, at: 3)) == 1)
    }

    @Test mutating func `counts any answer of the server's as reaching it`() throws {
        try accept("a", "b", "c", "d")
        for number in 0..<3 as Range<UInt64> { _ = fail(number, ofServer: true, at: 0) }
        #expect(step(at: 4) == "d")
        _ = fail(3, mayRetry: false, at: 4)
        #expect(step(at: 4) == "a")
    }

    @Test mutating func `gives up all whose time is over before the server is tried again`() throws {
        try accept("a")
        try accept("b", at: 1)
        try accept("c", at: 1000)
        for _ in 0..<9 { _ = fail(2, ofServer: true, at: 1000) }
        let setback = fail(0, ofServer: true, at: 1501)
        #expect(setback.pause == nil && setback.givenUp.map(\.mail) == ["a"])
        let other = fail(2, ofServer: true, at: 1801)
        #expect(seconds(other) == 300 && other.givenUp.map(\.mail) == ["b"] && other.givenUp.map(\.attempts) == [0])
        #expect(machine.count == 1)
    }

    @Test mutating func `at the end accepts nothing, and tries each once whatever was to be waited for`() throws {
        try accept("a", "b", "c")
        _ = fail(0, at: 0)
        _ = fail(1, ofServer: true, at: 0)
        machine.end()
        #expect(throws: MailQueueStateMachine<String>.Refusal.closed) { try machine.accept("d", bytes: 1, at: 0) }
        #expect(step(at: 0) == "c")
        machine.delivered(2)
        #expect(step(at: 0) == "a")
        let setback = fail(0, ofServer: true, at: 0)
        #expect(setback.pause == nil && setback.givenUp.isEmpty)
        #expect(step(at: 0) == "b")
        #expect(fail(1, mayRetry: false, at: 0).givenUp.map(\.mail) == ["b"])
        #expect(step(at: 0) == "finished" && machine.abandon() == 1 && machine.abandon() == 0)
    }

    @Test mutating func `that is abandoned says how many were left, and accepts nothing`() throws {
        try accept("a", "b")
        #expect(machine.abandon() == 2 && machine.count == 0 && step(at: 0) == "finished")
        #expect(throws: MailQueueStateMachine<String>.Refusal.closed) { try machine.accept("c", bytes: 1, at: 0) }
    }

    @Test func `counts durations in whole nanoseconds`() {
        #expect(Duration.seconds(-3).nanoseconds == 0 && Duration.milliseconds(1500).nanoseconds == 1_500_000_000)
    }
}
