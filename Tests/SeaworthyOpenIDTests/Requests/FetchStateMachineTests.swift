import Testing

@testable import SeaworthyOpenID

@Suite struct FetchStateMachineTests {
    private var machine = FetchStateMachine<Int>()

    private mutating func ask(age: Int = 10, pause: Int = 5, at now: Int) -> String {
        switch machine.asked(maximumAge: .seconds(age), pause: .seconds(pause), at: .seconds(now)) {
        case .use(let value): "use \(value)"
        case .fail(let error): "fail \(error.reason)"
        case .fetch: "fetch"
        case .wait: "wait"
        }
    }

    @Test mutating func `fetches once for all who ask meanwhile`() {
        #expect(ask(at: 0) == "fetch")
        #expect(ask(at: 1) == "wait")
        machine.finished(.success(1), at: .seconds(2))
        #expect(ask(at: 2) == "use 1")
    }

    @Test mutating func `fetches again what is too old for the one who asks`() {
        _ = ask(at: 0)
        machine.finished(.success(1), at: .seconds(0))
        #expect(ask(at: 9) == "use 1")
        #expect(ask(age: 9, at: 9) == "fetch")
        #expect(ask(at: 9) == "use 1", "good enough for another")
        #expect(ask(age: 9, at: 9) == "wait")
        machine.finished(.success(2), at: .seconds(11))
        #expect(ask(at: 20) == "use 2")
        #expect(ask(at: 21) == "fetch")
    }

    @Test mutating func `lets a failure stand for a while`() {
        _ = ask(at: 0)
        machine.finished(.failure(OpenIDError(.unavailable, "down")), at: .seconds(1))
        #expect(ask(at: 5) == "fail down")
        #expect(ask(at: 6) == "fetch")
        machine.finished(.success(1), at: .seconds(7))
        #expect(ask(age: 1, at: 8) == "fetch", "a failure is forgotten with the next success")
    }

    @Test mutating func `keeps what it has when fetching again fails`() {
        _ = ask(at: 0)
        machine.finished(.success(1), at: .seconds(0))
        _ = ask(age: 1, at: 5)
        machine.finished(.failure(OpenIDError(.unavailable, "down")), at: .seconds(5))
        #expect(ask(at: 6) == "use 1")
        #expect(ask(age: 1, at: 6) == "fail down")
    }
}
