import AsyncHTTPClient
import NIOCore
package import NIOHTTP1

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Sends bodies to one address by POST, within bounds: no redirect, a whole time, a whole size, so many attempts.
package struct HTTPPoster: Sendable, CustomStringConvertible {
    /// How long a connection and how long a whole attempt may take.
    package static let timeout: Duration = .seconds(10)
    /// Bytes of an answer, at most; a larger one is no answer.
    package static let maximumAnswerBytes = 64 << 10
    /// Where it helps to come back (OTLP, «Retryable response codes»).
    package static let retryableStatuses: Set<Int> = [429, 502, 503, 504]

    /// One for the process: a client that is let go of without being closed ends it, and one that idles holds no connection for long.
    private static let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)

    private static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        // What is meant for one receiver is not for another.
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .nanoseconds(10_000_000_000)
        configuration.connectionPool.idleTimeout = .seconds(30)
        // What is tried again is decided here.
        configuration.connectionPool.retryConnectionEstablishment = false
        // What exports traces must not be traced.
        configuration.tracing.tracer = nil
        return configuration
    }

    private let url: String
    private let headers: HTTPHeaders
    private let schedule: RetrySchedule
    private let retried: Set<Int>
    private let timeout: Duration
    private let clock: any Clock<Duration>

    /// - Parameters:
    ///   - url: may hold a secret, and is never shown.
    ///   - headers: sent each time; never shown.
    ///   - schedule: how often is tried, and when again.
    ///   - retried: statuses behind which it is tried again, as it is without an answer.
    ///   - timeout: of a whole attempt.
    ///   - clock: for the pauses and the timeout.
    package init(
        url: String, headers: HTTPHeaders = [:], schedule: RetrySchedule = RetrySchedule(),
        retried: Set<Int> = HTTPPoster.retryableStatuses, timeout: Duration = HTTPPoster.timeout,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.url = url
        self.headers = headers
        self.schedule = schedule
        self.retried = retried
        self.timeout = timeout
        self.clock = clock
    }

    package var description: String { "HTTPPoster" }

    /// Sends a body, again where it helps, and gives what came of it. Ends early when the task is cancelled.
    package func post(_ body: [UInt8], contentType: String) async -> HTTPPostOutcome {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers = headers
        request.headers.replaceOrAdd(name: "content-type", value: contentType)
        request.body = .bytes(ByteBuffer(bytes: body))
        var attempt = 0
        while true {
            attempt += 1
            let outcome = await send(request)
            guard !Task.isCancelled else { return .cancelled }
            var retryAfter: Duration?
            switch outcome {
            case .refused(let answer) where retried.contains(answer.status):
                retryAfter = answer.headers.first(name: "retry-after").flatMap { RetryAfter.parse($0, now: Int64(time(nil))) }
            case .unreachable: break
            default: return outcome
            }
            guard let pause = schedule.pause(after: attempt, retryAfter: retryAfter, jitter: .random(in: 0...1)) else { return outcome }
            do {
                try await clock.sleep(for: pause)
            } catch {
                return .cancelled
            }
        }
    }

    /// One attempt. The client's own deadline ends with the head of the answer, and a body that trickles would go on.
    private func send(_ request: HTTPClientRequest) async -> HTTPPostOutcome {
        await withTaskGroup(of: HTTPPostOutcome.self) { group in
            group.addTask { await Self.answer(to: request) }
            group.addTask { [clock, timeout] in
                do {
                    try await clock.sleep(for: timeout)
                    return .unreachable("no answer within \(timeout)")
                } catch {
                    return .cancelled
                }
            }
            let first = await group.next() ?? .cancelled
            group.cancelAll()
            return first
        }
    }

    private static func answer(to request: HTTPClientRequest) async -> HTTPPostOutcome {
        do {
            let response = try await http.execute(request, deadline: .distantFuture)
            let body = try await response.body.collect(upTo: maximumAnswerBytes)
            let answer = HTTPPostAnswer(
                status: Int(response.status.code), headers: response.headers, body: Array(body.readableBytesView))
            return (200...299).contains(answer.status) ? .accepted(answer) : .refused(answer)
        } catch is NIOTooManyBytesError {
            return .unreachable("an answer of more than \(maximumAnswerBytes) bytes")
        } catch {
            return .unreachable("\(error)")
        }
    }
}
