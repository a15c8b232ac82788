import HTTPServing
import NIOHTTP1
import Synchronization
import Testing

@testable import SeaworthyTelemetry

@Suite(.timeLimit(.minutes(2))) struct `Sending by POST` {
    private static func url(_ receiver: HTTPReceiver) -> String { "http://127.0.0.1:\(receiver.port)/v1/traces" }

    private static func quick(attempts: Int = 3) -> RetrySchedule {
        var schedule = RetrySchedule()
        schedule.maximumAttempts = attempts
        schedule.pause = .milliseconds(1)
        return schedule
    }

    /// What an answer is, without its body.
    private static func summary(_ outcome: HTTPPostOutcome) -> String {
        switch outcome {
        case .accepted(let answer): "accepted \(answer.status)"
        case .refused(let answer): "refused \(answer.status)"
        case .unreachable(let reason): "unreachable: \(reason)"
        case .cancelled: "cancelled"
        }
    }

    /// Sends to a server with these answers, the last one for all that follow.
    private func send(
        _ answers: [HTTPReceiver.Answer], schedule: RetrySchedule = quick(), clock: any Clock<Duration> = ContinuousClock(),
        timeout: Duration = .seconds(60)
    ) async throws -> (outcome: HTTPPostOutcome, requests: [HTTPReceiver.Request]) {
        let requests = Mutex<[HTTPReceiver.Request]>([])
        let receiver = try await HTTPReceiver.start { request in
            let number = requests.withLock { requests in
                requests.append(request)
                return requests.count
            }
            return answers[min(number, answers.count) - 1]
        }
        let poster = HTTPPoster(
            url: Self.url(receiver), headers: ["x-key": "hidden"], schedule: schedule, timeout: timeout, clock: clock)  // not-a-secret
        let outcome = await poster.post([1, 2, 3], contentType: "application/x-protobuf")
        await receiver.stop()
        return (outcome, requests.withLock { $0 })
    }

    @Test func `body, type and headers arrive, and the answer comes back`() async throws {
        let (outcome, requests) = try await send([.init(headers: [("x-limits", "1")], body: "{}")])
        let request = try #require(requests.first)
        #expect(requests.count == 1)
        #expect((request.method, request.uri, request.body) == (.POST, "/v1/traces", [1, 2, 3]))
        #expect(request.headers["content-type"] == ["application/x-protobuf"])
        #expect(request.headers["x-key"] == ["hidden"])
        #expect(!request.headers.contains(name: "traceparent"))
        guard case .accepted(let answer) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect((answer.status, answer.body) == (200, Array("{}".utf8)))
        #expect(answer.headers["x-limits"] == ["1"])
    }

    @Test(arguments: [429, 502, 503, 504]) func `what may pass is tried again`(status: Int) async throws {
        let (outcome, requests) = try await send([.init(status: .init(statusCode: status)), .init(status: .accepted)])
        #expect(Self.summary(outcome) == "accepted 202")
        #expect(requests.count == 2)
    }

    @Test(arguments: [301, 307, 400, 401, 404, 413, 500]) func `what will not pass is tried once, and no redirect is followed`(
        status: Int
    ) async throws {
        let (outcome, requests) = try await send([.init(status: .init(statusCode: status), headers: [("location", "/elsewhere")])])
        #expect(Self.summary(outcome) == "refused \(status)")
        #expect(requests.map(\.uri) == ["/v1/traces"])
    }

    @Test func `attempts end`() async throws {
        let (outcome, requests) = try await send([.init(status: .serviceUnavailable)])
        #expect(Self.summary(outcome) == "refused 503")
        #expect(requests.count == 3)
    }

    @Test func `a receiver that is not there is tried as often, and the reason holds no header`() async throws {
        let receiver = try await HTTPReceiver.start { _ in HTTPReceiver.Answer() }
        await receiver.stop()
        let poster = HTTPPoster(url: Self.url(receiver), headers: ["x-key": "hidden"], schedule: Self.quick())  // not-a-secret
        let outcome = await poster.post([], contentType: "text/plain")
        #expect(Self.summary(outcome).hasPrefix("unreachable: "))
        #expect(!"\(outcome)".contains("hidden"))
        #expect(!"\(poster) \(String(describing: poster))".contains("hidden"))
    }

    @Test func `Retry-After is waited for`() async throws {
        let clock = ManualClock()
        async let sent = send(
            [.init(status: .tooManyRequests, headers: [("retry-after", "7")]), .init()], schedule: RetrySchedule(), clock: clock)
        // Of the attempt the timeout, whose sleep ends with it, then the pause.
        while !clock.asked.contains(.seconds(7)) { try await Task.sleep(for: .milliseconds(5)) }
        await clock.sleeping(1)
        clock.advance(by: .seconds(7))
        #expect(Self.summary(try await sent.outcome) == "accepted 200")
    }

    @Test(arguments: [HTTPReceiver.Answer(hangs: true), HTTPReceiver.Answer(trickles: true)])
    func `an answer that does not come, or does not end, is given up`(answer: HTTPReceiver.Answer) async throws {
        let clock = ManualClock()
        async let sent = send([answer], schedule: Self.quick(attempts: 1), clock: clock, timeout: .seconds(10))
        await clock.sleeping(1)
        #expect(clock.asked == [.seconds(10)])
        clock.advance(by: .seconds(10))
        #expect(Self.summary(try await sent.outcome) == "unreachable: no answer within 10.0 seconds")
    }

    @Test func `an answer beyond its bound is none`() async throws {
        let most = String(repeating: "x", count: HTTPPoster.maximumAnswerBytes)
        #expect(Self.summary(try await send([.init(body: most)]).outcome) == "accepted 200")
        let outcome = try await send([.init(body: most + "x")], schedule: Self.quick(attempts: 1)).outcome
        #expect(Self.summary(outcome) == "unreachable: an answer of more than 65536 bytes")
    }

    @Test func `a task that is cancelled ends, while it sends and while it pauses`() async throws {
        for answer in [HTTPReceiver.Answer(hangs: true), HTTPReceiver.Answer(status: .serviceUnavailable)] {
            let (arrived, arriving) = AsyncStream.makeStream(of: Void.self)
            let receiver = try await HTTPReceiver.start { _ in
                arriving.yield()
                return answer
            }
            var schedule = RetrySchedule()
            schedule.pause = .seconds(3600)
            schedule.maximumPause = .seconds(3600)
            let poster = HTTPPoster(url: Self.url(receiver), schedule: schedule, timeout: .seconds(3600))
            let sending = Task { await poster.post([], contentType: "text/plain") }
            for await _ in arrived { break }
            sending.cancel()
            #expect(Self.summary(await sending.value) == "cancelled")
            await receiver.stop()
        }
    }
}
