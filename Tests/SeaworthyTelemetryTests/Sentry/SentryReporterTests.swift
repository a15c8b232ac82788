import CoreMetrics
import Foundation
import Logging
import MetricsTestKit
import PostgresServing
import Synchronization
import Testing

@testable import SeaworthyTelemetry

/// Against a server that reads envelopes strictly, and sentry-relay's own normaliser.
@Suite struct `Errors reported to Sentry` {
    /// Time that the test moves.
    private final class Time: Sendable {
        private let value = Mutex(Duration.zero)
        var now: Duration { value.withLock { $0 } }
        func advance(_ duration: Duration) { value.withLock { $0 += duration } }
    }

    private struct Reporting {
        let server: SentryServer
        let project: String
        let reporter: SentryReporter
        let metrics = TestMetrics()
        let time = Time()
        let log: LogLines

        init(_ wish: String = "plain", limits: ExportLimits = SentryReporter.limits, clock: any Clock<Duration> = ContinuousClock())
            async throws
        {
            server = try await SentryServer.running()
            project = SentryServer.project(wish)
            log = LogLines()
            reporter = SentryReporter(
                try SentryDSN(server.dsn(project)),
                origin: SentryOrigin(environment: "test", release: "portal@1.2.3", version: "0.1.0 (x)"),
                redaction: LogRedaction(secrets: ["very-secret-value"]), limits: limits, clock: clock, now: { [time] in time.now },
                metrics: metrics)
        }

        /// Runs it while the body does something, and lets it send what is left.
        func running(_ body: () async throws -> Void) async throws {
            let task = Task { await reporter.run(logger: log.logger) }
            do {
                try await body()
            } catch {
                task.cancel()
                throw error
            }
            reporter.close()
            await task.value
        }

        func dropped(_ loss: ExportLoss) throws -> Int64 {
            try metrics.expectCounter("telemetry_dropped_total", [("exporter", "sentry"), ("reason", loss.rawValue)]).totalValue
        }
    }

    /// What a logger was told.
    final class LogLines: LogHandler, Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        var logger: Logger { Logger(label: "test") { _ in self } }
        var logLevel: Logger.Level {
            get { .trace }
            set {}
        }
        var metadata: Logger.Metadata {
            get { [:] }
            set {}
        }
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { nil }
            set {}
        }
        func log(event: LogEvent) {
            let metadata = event.metadata ?? [:]
            let line = "\(event.level) \(event.message) \(metadata)"
            lines.withLock { $0.append(line) }
        }
    }

    private static func fault(_ type: String = "storage.failed", id: String = "r1", user: String? = nil) -> SentryFault {
        SentryFault(
            .error, logger: "seaworthy.http", type: type, message: "no such table: notes of ada@example.com",
            fingerprint: ["request", type],
            request: SentryFault.Request(id: id, method: "GET", route: "/v1/notes/{key}", status: 500, userID: user),
            tags: [("code", "internal_error")])
    }

    private static func object(_ value: Any?, _ path: String...) -> Any? {
        path.reduce(value) { ($0 as? [String: Any])?[$1] }
    }

    @Test func `are events that Sentry's own normaliser takes as they are`() async throws {
        let reporting = try await Reporting()
        let reporter = reporting.reporter
        let logger = Logger(label: "seaworthy") { _ in SentryLogHandler(reporting.log, label: "seaworthy", reporter: reporter) }
        for (id, text) in [("r1", "first \"quoted\"\n\u{1}"), ("r2", "of another"), ("r1", "is very-secret-value")] {
            logger.warning(
                "\(text)", metadata: ["requestId": "\(id)", "password": "hunter2", "n": .stringConvertible(3), "from": "10.0.0.1"])
        }
        var crash = Self.fault("Bad pointer dereference")
        crash.level = .fatal
        crash.request = nil
        crash.isHandled = false
        crash.milliseconds = LogTimestamp.now() - 3_600_000
        crash.frames = (1...150).map { (n: Int) in
            SentryFault.Frame(function: "f\(n)", file: "/a.swift", line: n, image: "seaworthy", address: "0x00ff")
        }
        try await reporting.running {
            reporter.report(Self.fault(user: "0198c0de"))
            reporter.report(crash)
            _ = try await reporting.server.arrived(reporting.project, count: 2)
        }
        let arrived = try reporting.server.arrived(reporting.project)
        #expect(arrived.map { $0["problems"] as? [String] } == [[], []])
        #expect(arrived.allSatisfy { $0["key"] as? String == SentryServer.key && $0["client"] as? String == "seaworthy/0.1.0" })
        let event = arrived[0]["event"]
        for (path, value) in [
            ("level", "error"), ("logger", "seaworthy.http"), ("release", "portal@1.2.3"), ("environment", "test"), ("platform", "other"),
            ("transaction", "GET /v1/notes/{key}"), ("user.id", "0198c0de"), ("request.method", "GET"), ("request.url", "/v1/notes/{key}"),
            ("tags.code", "internal_error"), ("tags.request_id", "r1"), ("tags.status", "500"),
        ] {
            #expect(path.split(separator: ".").reduce(event) { ($0 as? [String: Any])?[String($1)] } as? String == value, "\(path)")
        }
        #expect(Self.object(event, "fingerprint") as? [String] == ["request", "storage.failed"])
        #expect(Self.object(event, "extra", "held_back") as? Int == 0 && Self.object(event, "tags", "held_back") == nil)
        let exception = (Self.object(event, "exception", "values") as? [[String: Any]])?.first
        #expect(exception?["type"] as? String == "storage.failed" && exception?["value"] as? String == "no such table: notes of [email]")
        #expect(Self.object(exception, "mechanism", "handled") as? Bool == true && exception?["stacktrace"] == nil)
        let crumbs = try #require(Self.object(event, "breadcrumbs", "values") as? [[String: Any]])
        #expect(crumbs.map { $0["message"] as? String } == ["first \"quoted\"\n\u{1}", "is [redacted]"])
        #expect(crumbs.allSatisfy { $0["level"] as? String == "warning" && $0["category"] as? String == "seaworthy" })
        #expect(crumbs[0]["data"] as? [String: String] == ["from": "[address]", "n": "3", "password": "[redacted]"])
        let second = arrived[1]["event"]
        let frames =
            ((Self.object(second, "exception", "values") as? [[String: Any]])?.first?["stacktrace"] as? [String: Any])?["frames"]
            as? [[String: Any]]
        #expect(frames?.count == 100 && frames?.last?["function"] as? String == "f150" && frames?.last?["lineno"] as? Int == 150)
        #expect(Self.object(second, "level") as? String == "fatal" && Self.object(second, "platform") as? String == "native")
        #expect(Self.object(second, "user") == nil && Self.object(second, "request") == nil && Self.object(second, "breadcrumbs") == nil)
        #expect(reporting.metrics.counters.allSatisfy { $0.totalValue == 0 })
    }

    @Test func `are one a minute of a kind, and the next says how many there were`() async throws {
        let reporting = try await Reporting()
        try await reporting.running {
            for _ in 0..<5 { reporting.reporter.report(Self.fault()) }
            reporting.reporter.report(Self.fault("storage.closed"))
            reporting.time.advance(.seconds(60))
            reporting.reporter.report(Self.fault())
            _ = try await reporting.server.arrived(reporting.project, count: 3)
        }
        let events = try reporting.server.arrived(reporting.project).map { $0["event"] }
        #expect(events.map { Self.object($0, "extra", "held_back") as? Int } == [0, 0, 4])
        #expect(events.map { Self.object($0, "tags", "held_back") as? String } == [nil, nil, "yes"])
    }

    @Test func `are lines of the log at error outside of requests, and no others`() async throws {
        let reporting = try await Reporting()
        let reporter = reporting.reporter
        let logger = Logger(label: "seaworthy") { _ in SentryLogHandler(reporting.log, label: "seaworthy", reporter: reporter) }
        let own = Logger(label: SentryReporter.label) { _ in
            SentryLogHandler(reporting.log, label: SentryReporter.label, reporter: reporter)
        }
        try await reporting.running {
            logger.warning("not this")
            logger.error("nor this", metadata: ["requestId": "r1"])
            own.critical("nor what it says itself")
            logger.error("backup failed", metadata: ["error": "disk of ada@example.com"])
            logger.error("backup failed", metadata: ["error": "another"])
            logger.critical("worse")
            _ = try await reporting.server.arrived(reporting.project, count: 2)
        }
        let arrived = try reporting.server.arrived(reporting.project)
        #expect(arrived.map { $0["problems"] as? [String] } == [[], []])
        let events = arrived.map { $0["event"] }
        #expect(events.map { Self.object($0, "level") as? String } == ["error", "fatal"])
        #expect(
            events.map { Self.object($0, "fingerprint") as? [String] } == [
                ["log", "seaworthy", "backup failed"], ["log", "seaworthy", "worse"],
            ])
        let values = events.map { (Self.object($0, "exception", "values") as? [[String: Any]])?.first?["value"] as? String }
        #expect(values == ["error=disk of [email]", "worse"])
        #expect(reporting.log.all.count == 6)
    }

    @Test(arguments: ["limited", "categories"]) func `end where Sentry wants no more, and are counted`(_ wish: String) async throws {
        let reporting = try await Reporting(wish)
        try await reporting.running {
            reporting.reporter.report(Self.fault("a"))
            _ = try await reporting.server.arrived(reporting.project, count: 1)
            // What came meanwhile, and what comes later.
            while try reporting.dropped(.rateLimited) == 0 {
                reporting.time.advance(.seconds(61))
                reporting.reporter.report(Self.fault("b"))
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        let answers = try reporting.server.statuses(reporting.project)
        #expect(answers.first == (wish == "limited" ? "429" : "200"))
        #expect(try reporting.dropped(.rateLimited) >= 1 && reporting.dropped(.unreachable) == 0 && reporting.dropped(.queueFull) == 0)
    }

    @Test func `go on where only something else is limited`() async throws {
        let reporting = try await Reporting("foreign")
        try await reporting.running {
            for type in ["a", "b", "c"] { reporting.reporter.report(Self.fault(type)) }
            _ = try await reporting.server.arrived(reporting.project, count: 3)
        }
        #expect(try reporting.dropped(.rateLimited) == 0)
    }

    @Test func `that Sentry refuses are not sent again`() async throws {
        let reporting = try await Reporting("refuses")
        try await reporting.running {
            for type in ["a", "b"] { reporting.reporter.report(Self.fault(type)) }
            _ = try await reporting.server.arrived(reporting.project, count: 2)
        }
        #expect(try reporting.server.statuses(reporting.project) == ["400", "400"])
        #expect(try reporting.dropped(.refused) == 2)
        // Told once.
        #expect(reporting.log.all == ["warning Sentry does not take errors [\"reason\": status 400]"])
    }

    @Test func `wait while Sentry is away, and go when it is back`() async throws {
        let clock = ManualClock()
        let reporting = try await Reporting("breaks", clock: clock)
        try await reporting.running {
            for type in ["a", "b"] { reporting.reporter.report(Self.fault(type)) }
            let moving = Task {
                while !Task.isCancelled {
                    clock.advance(by: .milliseconds(500))
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            _ = try await reporting.server.arrived(reporting.project, count: 2)
            moving.cancel()
        }
        #expect(try reporting.server.statuses(reporting.project) == ["503", "503", "200", "200"])
        #expect(
            reporting.log.all.map { $0.prefix { $0 != "[" } } == [
                "warning Sentry does not take errors ", "notice Sentry takes errors again ",
            ])
        #expect(
            try reporting.server.arrived(reporting.project).map { Self.object($0["event"], "fingerprint") as? [String] } == [
                ["request", "a"], ["request", "b"],
            ])
    }

    @Test func `take bounded memory and no time while Sentry hangs, and the end does not wait for it`() async throws {
        var limits = SentryReporter.limits
        limits.maximumItems = 10
        limits.flushTime = .milliseconds(50)
        let reporting = try await Reporting("hangs", limits: limits)
        let start = ContinuousClock.now
        try await reporting.running {
            for number in 0..<500 { reporting.reporter.report(Self.fault("kind \(number)")) }
        }
        #expect(try reporting.dropped(.queueFull) == 490)
        #expect(try reporting.dropped(.shutdown) == 10)
        // It would try for as long as it hangs.
        #expect(ContinuousClock.now - start < .seconds(60))
    }
}
