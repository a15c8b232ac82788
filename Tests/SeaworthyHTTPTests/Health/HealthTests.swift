import HTTPTypes
import HummingbirdCore
import NIOCore
import Synchronization
import Testing

@testable import SeaworthyHTTP

@Suite struct `Health routes` {
    private struct Away: Error {}

    private let state = HealthState()

    private func ask(_ path: String, _ probes: [HealthProbe] = [], of routes: HealthRoutes? = nil) async throws -> (Response, String) {
        let table = try RouteTable((routes ?? HealthRoutes(state: state, probes: probes)).routes)
        let pipeline = RequestPipeline(routes: table, logger: TestServer.quietLogger)
        let response = await pipeline.answer(HTTPExchange(.get, path)).response
        let writer = CollectingWriter()
        try await response.body.write(writer)
        return (response, String(buffer: writer.buffer))
    }

    private func probe(_ name: String, required: Bool = true, fails: Bool = false) -> HealthProbe {
        HealthProbe(name: name, isRequired: required) {
            if fails { throw Away() }
        }
    }

    @Test(arguments: ["/health", "/livez"]) func `is alive whatever it depends on`(path: String) async throws {
        let (response, body) = try await ask(path, [probe("sqlite", fails: true)])
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "application/health+json")
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(body == #"{"status":"pass"}"#)
    }

    @Test(arguments: ["/health?verbose", "/livez?x=1", "/readyz?x", "/health/ready?verbose=maybe"])
    func `refuses unknown parameters`(path: String) async throws {
        state.becomeReady()
        #expect(try await ask(path).0.status == .badRequest)
    }

    @Test(arguments: ["/health/ready", "/readyz"]) func `is ready only between start and drain`(path: String) async throws {
        let (starting, startingBody) = try await ask(path)
        #expect(starting.status == .serviceUnavailable)
        #expect(starting.headers[.retryAfter] == "1")
        #expect(startingBody == #"{"status":"fail","output":"starting"}"#)
        state.becomeReady()
        let (ready, readyBody) = try await ask(path)
        #expect(ready.status == .ok)
        #expect(ready.headers[.retryAfter] == nil)
        #expect(readyBody == #"{"status":"pass"}"#)
        state.beginDraining()
        #expect(try await ask(path).1 == #"{"status":"fail","output":"draining"}"#)
        state.becomeReady()
        #expect(try await ask(path).0.status == .serviceUnavailable)
    }

    @Test func `is not ready without what it requires, and ready without the rest`() async throws {
        state.becomeReady()
        let (failed, failedBody) = try await ask(
            "/readyz", [probe("a"), probe("b", fails: true), probe("c", required: false, fails: true)])
        #expect(failed.status == .serviceUnavailable)
        #expect(failedBody == #"{"status":"fail"}"#)
        let (warned, warnedBody) = try await ask("/readyz", [probe("a"), probe("c", required: false, fails: true)])
        #expect(warned.status == .ok)
        #expect(warnedBody == #"{"status":"warn"}"#)
    }

    @Test(arguments: ["?verbose", "?verbose=true", "?verbose=1"]) func `lists each check when asked`(query: String) async throws {
        state.becomeReady()
        let (response, body) = try await ask(
            "/readyz\(query)", [probe("sqlite:responseTime"), probe("other", required: false, fails: true)])
        #expect(response.status == .ok)
        #expect(body.hasPrefix(#"{"status":"warn","checks":{"sqlite:responseTime":[{"status":"pass","observedValue":"#))
        #expect(body.contains(#""observedUnit":"ms","time":"20"#))
        #expect(body.contains(#"],"other":[{"status":"warn","#))
        #expect(body.hasSuffix("Z\"}]}}"))
        #expect(!body.contains("Away"))
    }

    @Test func `warns of what answers and does not do all that it should`() async throws {
        state.becomeReady()
        let (response, body) = try await ask(
            "/readyz?verbose", [HealthProbe(name: "db") { throw HealthProbe.Degradation(output: "takes no \"writes\"") }])
        #expect(response.status == .ok)
        #expect(body.hasPrefix(#"{"status":"warn","checks":{"db":[{"status":"warn","#))
        #expect(body.hasSuffix(#"Z","output":"takes no \"writes\""}]}}"#))
    }

    @Test(arguments: ["?verbose=false", "?verbose=0", ""]) func `does not list them otherwise`(query: String) async throws {
        state.becomeReady()
        #expect(try await ask("/readyz\(query)", [probe("a")]).1 == #"{"status":"pass"}"#)
    }

    @Test func `tells which of several of a kind it was`() async throws {
        struct Broken: Error {}
        state.becomeReady()
        let probes = [
            HealthProbe(name: "x:y", of: "one", isRequired: false) {},
            HealthProbe(name: "x:y", of: "two", isRequired: false) { throw HealthProbe.Degradation(output: "away") },
            HealthProbe(name: "x:y", of: "three", isRequired: false) { throw Broken() },
            HealthProbe.observing("x:y") { [HealthObservation("x:y", of: "four", value: .integer(4))] },
            HealthProbe(name: "x:y", of: "five", isRequired: false, timeout: .milliseconds(20)) {
                try await Task.sleep(for: .seconds(3600))
            },
        ]
        let (response, body) = try await ask("/readyz?verbose", of: HealthRoutes(state: state, probes: probes))
        #expect(response.status == .ok)
        let found = body.matches(of: /"componentId":"([a-z]+)","status":"([a-z]+)"/).map { "\($0.1) \($0.2)" }
        #expect(found == ["one pass", "two warn", "three warn", "four pass", "five warn"])
        #expect(
            body.contains(#""observedValue":4"#) && body.contains(#""output":"away""#) && body.contains(#""output":"no answer in time""#))
        #expect(body.matches(of: /"x:y"/).count == 1)
    }

    @Test func `does not wait for a probe that hangs`() async throws {
        state.becomeReady()
        let runs = Atomic(0)
        let hanging = HealthProbe(name: "hangs", timeout: .milliseconds(50)) {
            runs.add(1, ordering: .relaxed)
            // Deaf to cancellation, as a blocked driver is.
            while true {
                await withCheckedContinuation { continuation in
                    Task {
                        try? await Task.sleep(for: .seconds(3600))
                        continuation.resume()
                    }
                }
            }
        }
        let routes = HealthRoutes(state: state, probes: [hanging])
        for _ in 0..<3 {
            let (response, body) = try await ask("/readyz?verbose", of: routes)
            #expect(response.status == .serviceUnavailable)
            #expect(body.contains(#""output":"no answer in time""#))
            // Beyond the life of a finding.
            try await Task.sleep(for: .milliseconds(600))
        }
        #expect(runs.load(ordering: .relaxed) == 1)
    }
}

@Suite struct `Health check` {
    @Test func `shares one run among concurrent askers`() async {
        let runs = Mutex(0)
        let check = HealthCheck(
            HealthProbe(name: "a", timeout: .seconds(60)) {
                runs.withLock { $0 += 1 }
                try await Task.sleep(for: .milliseconds(100))
            })
        let outcomes = await withTaskGroup(of: HealthFinding.self) { group in
            for _ in 0..<50 {
                group.addTask { await check.finding() }
            }
            return await group.reduce(into: [HealthFinding]()) { $0.append($1) }
        }
        #expect(outcomes.count == 50)
        #expect(outcomes.allSatisfy { $0.outcome == .passed && $0.duration >= .milliseconds(100) })
        #expect(runs.withLock { $0 } == 1)
    }

    @Test func `asks again after a second`() async throws {
        let runs = Mutex(0)
        let check = HealthCheck(HealthProbe(name: "a") { runs.withLock { $0 += 1 } })
        let first = await check.finding()
        try await Task.sleep(for: .milliseconds(1100))
        let second = await check.finding()
        #expect(runs.withLock { $0 } == 2)
        #expect(second.time > first.time)
    }

    @Test func `is good for as long as its probe says`() async throws {
        let runs = Mutex(0)
        let check = HealthCheck(HealthProbe(name: "a", lifetime: .seconds(3600)) { runs.withLock { $0 += 1 } })
        let first = await check.finding()
        try await Task.sleep(for: .milliseconds(1100))
        #expect(await check.finding() == first && runs.withLock { $0 } == 1)
        #expect(HealthProbe(name: "a") {}.lifetime == .seconds(1))
        #expect(HealthProbe.observing("a") { [] }.lifetime == .seconds(1))
        #expect(HealthProbe.observing("a", lifetime: .seconds(7)) { [] }.lifetime == .seconds(7))
    }

    @Test func `recovers once a probe that hung has returned`() async throws {
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let runs = Mutex(0)
        let check = HealthCheck(
            HealthProbe(name: "a", timeout: .milliseconds(20)) {
                let isFirst = runs.withLock { runs in
                    runs += 1
                    return runs == 1
                }
                guard isFirst else { return }
                // Held by a task of its own, so that cancellation does not end it.
                await Task { for await _ in gate { break } }.value
            })
        #expect(await check.finding().outcome == .timedOut)
        open.yield()
        try await Task.sleep(for: .milliseconds(1200))
        #expect(await check.finding().outcome == .passed)
    }

    @Test func `only moves forward`() {
        let state = HealthState()
        #expect(state.phase == .starting)
        state.becomeReady()
        #expect(state.phase == .ready)
        state.beginDraining()
        state.becomeReady()
        #expect(state.phase == .draining)
    }
}
