import Foundation
import Logging
import MetricsTestKit
import Synchronization
import Testing

@testable import SeaworthyMail

/// What was logged, a line an event.
final class RecordedLog: Sendable {
    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
            log.lines.withLock { $0.append("\(event.level): \(event.message)\(fields)") }
        }
    }

    let lines = Mutex<[String]>([])

    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    func all(_ level: Logger.Level) -> [String] { lines.withLock { $0.filter { $0.hasPrefix("\(level): ") } } }
}

@Suite struct `The queue of mails` {
    private let log = RecordedLog()
    private let metrics = TestMetrics()

    private func queue(_ delivery: any MailDelivery, _ change: (inout MailQueueSettings) -> Void = { _ in }) throws -> MailQueue {
        var settings = MailQueueSettings()
        settings.firstPause = .milliseconds(1)
        settings.longestPause = .milliseconds(10)
        change(&settings)
        return MailQueue(
            delivery, from: try MailSender("Shop <shop@sender.example>"), settings: settings, logger: log.logger, metrics: metrics)
    }

    private func count(_ outcome: String) throws -> Int64 {
        try metrics.expectCounter("mail_sent_total", [("outcome", outcome)]).totalValue
    }

    private func counts() throws -> [Int64] { try ["sent", "retried", "failed", "dropped"].map(count) }

    private func length() throws -> Double? { try metrics.expectRecorder("mail_queue_length").lastValue }

    /// Waits for something that comes in any case.
    private func wait(until condition: () throws -> Bool) async throws {
        while try !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test(.timeLimit(.minutes(2))) func `delivers what is sent before and while it runs, and what waits when it ends`() async throws {
        let folder = try TemporaryFolder()
        let queue = try queue(FolderDelivery("\(folder.path)/mails"))
        let first = try queue.send(MailMessage(to: "a@b.example", subject: "S", text: "T"))
        #expect(try length() == 1)
        let running = Task { await queue.run() }
        try await wait { try count("sent") == 1 }
        let second = try queue.send(MailMessage(to: "a@b.example", subject: "S", text: "T"))
        try await wait { try count("sent") == 2 }
        let third = try queue.send(MailMessage(to: "a@b.example", subject: "S", text: "T"))
        queue.end()
        await running.value
        let names = folder.names().joined(separator: " ")
        #expect([first, second, third].allSatisfy { names.contains("\($0).eml") } && folder.names().count == 3)
        #expect(try counts() == [3, 0, 0, 0] && length() == 0)
        #expect(log.all(.error).isEmpty)
        #expect(throws: MailError.self) { try queue.send(MailMessage(to: "a@b.example", subject: "S", text: "T")) }
        try await queue.probe()
    }

    @Test(.timeLimit(.minutes(2))) func `tries again what the server defers`() async throws {
        let server = try await SMTPServer.running()
        let queue = try queue(server.delivery("plain"))
        let address = SMTPServer.address("defers-3")
        let id = try queue.send(MailMessage(to: address, subject: "S", text: "T"))
        let running = Task { await queue.run() }
        try await wait { try count("sent") == 1 }
        queue.end()
        await running.value
        let arrived = try server.arrived(for: address)
        #expect(arrived.count == 1 && String(decoding: arrived[0].bytes, as: UTF8.self).contains("Message-ID: <\(id)@sender.example>\r\n"))
        #expect(try counts() == [1, 3, 0, 0])
        #expect(log.all(.notice).count == 3 && log.all(.error).isEmpty)
    }

    @Test(.timeLimit(.minutes(2))) func `gives up what is refused, with one line that has no address`() async throws {
        let server = try await SMTPServer.running()
        let queue = try queue(server.delivery("plain"))
        let id = try queue.send(MailMessage(to: SMTPServer.address("refused"), subject: "S", text: "T"))
        let running = Task { await queue.run() }
        try await wait { try count("failed") == 1 }
        queue.end()
        await running.value
        let lines = log.all(.error)
        #expect(lines.count == 1 && lines[0].hasPrefix("error: mail given up attempts=1 domain=receiver.example error="))
        #expect(lines[0].hasSuffix(" mail=\(id)") && lines[0].contains("550") && lines[0].contains("[mail.refused]"))
        #expect(!log.lines.withLock { $0.joined() }.contains("@"))
        #expect(try counts() == [0, 0, 1, 0] && length() == 0)
    }

    @Test(.timeLimit(.minutes(2))) func `gives up after its patience what could be tried again`() async throws {
        let folder = try TemporaryFolder()
        try Data().write(to: URL(fileURLWithPath: "\(folder.path)/file"))
        let queue = try queue(FolderDelivery("\(folder.path)/file")) { $0.patience = .milliseconds(100) }
        try queue.send(MailMessage(to: "a@b.example", subject: "S", text: "T"))
        let running = Task { await queue.run() }
        try await wait { try count("failed") == 1 }
        queue.end()
        await running.value
        #expect(try count("sent") == 0 && log.all(.error).count == 1 && log.all(.error)[0].contains("[mail.folder_failed]"))
    }

    @Test func `refuses at once when it is full, and what is no mail`() throws {
        let queue = try queue(FolderDelivery("/nowhere")) { $0.limit = 2 }
        for _ in 0..<2 { try queue.send(MailMessage(to: "a@b.example", subject: "S", text: "T")) }
        let error = #expect(throws: MailError.self) { try queue.send(MailMessage(to: "a@b.example", subject: "S", text: "T")) }
        #expect(error?.code == .queueFull && error?.mayRetry == true)
        #expect(try count("dropped") == 1 && length() == 2)
        #expect { try queue.send(MailMessage(to: "a", subject: "S", text: "T")) } throws: { ($0 as? MailError)?.code == .invalidAddress }
        #expect { try queue.send(MailMessage(to: "a@b.example", subject: "S\n", text: "T")) } throws: {
            ($0 as? MailError)?.code == .invalidMessage
        }
        #expect(try count("dropped") == 1)
    }

    @Test(.timeLimit(.minutes(2))) func `at its end tries once what fails, and says how many were lost`() async throws {
        let server = try await SMTPServer.running()
        let queue = try queue(server.delivery("plain")) {
            $0.firstPause = .seconds(300)
            $0.longestPause = .seconds(300)
        }
        let (deferred, good) = (SMTPServer.address("defers-2"), SMTPServer.address("defers-1"))
        for address in [deferred, good] { try queue.send(MailMessage(to: address, subject: "S", text: "T")) }
        let running = Task { await queue.run() }
        try await wait { try count("retried") == 2 }
        queue.end(within: .seconds(100))
        await running.value
        #expect(try server.arrived(for: good).count == 1 && server.arrived(for: deferred).isEmpty)
        #expect(try counts() == [1, 2, 0, 1] && length() == 0)
        #expect(log.all(.error) == ["error: mails are lost: the server ended before they were delivered count=1"])
    }

    @Test(.timeLimit(.minutes(2))) func `ends when the grace is over, also within an attempt`() async throws {
        let server = try await SMTPServer.running()
        var patient = SMTPSettings()
        patient.timeout = .seconds(300)
        patient.connectTimeout = .seconds(300)
        let queue = try queue(server.delivery("silent", settings: patient))
        for _ in 0..<3 { try queue.send(MailMessage(to: "a@b.example", subject: "S", text: "T")) }
        queue.end(within: .milliseconds(50))
        // Of several calls the first counts.
        queue.end(within: .seconds(300))
        await queue.run()
        #expect(try counts() == [0, 0, 0, 3])
        #expect(log.all(.error) == ["error: mails are lost: the server ended before they were delivered count=3"])
    }

    @Test(.timeLimit(.minutes(2))) func `ends when its task is cancelled, and is closed then`() async throws {
        let queue = try queue(FolderDelivery("/dev/null/nowhere")) {
            $0.firstPause = .seconds(300)
            $0.longestPause = .seconds(300)
        }
        try queue.send(MailMessage(to: "a@b.example", subject: "S", text: "T"))
        let running = Task { await queue.run() }
        try await wait { try count("retried") == 1 }
        // A second call beside the first returns.
        await queue.run()
        running.cancel()
        await running.value
        #expect(try counts() == [0, 1, 0, 1])
        #expect { try queue.send(MailMessage(to: "a@b.example", subject: "S", text: "T")) } throws: { ($0 as? MailError)?.code == .closed }
    }

    @Test(.timeLimit(.minutes(2))) func `asks a server that is not reached for one mail, not for all`() async throws {
        let queue = try queue(SMTPDelivery(SMTPLocation("smtp://127.0.0.1:1"), sender: MailSender("a@b.example"))) {
            $0.firstPause = .seconds(300)
            $0.longestPause = .seconds(300)
        }
        for _ in 0..<20 { try queue.send(MailMessage(to: "a@b.example", subject: "S", text: "T")) }
        let running = Task { await queue.run() }
        try await wait { try count("retried") == 1 }
        try await Task.sleep(for: .milliseconds(100))
        #expect(try counts() == [0, 1, 0, 0] && length() == 20)
        running.cancel()
        await running.value
    }

    @Test func `has the system's time in its mails`() throws {
        let now = Date().timeIntervalSince1970
        #expect(abs(Double(MailQueue.systemTime()) / 1_000_000 - now) < 60)
    }
}
