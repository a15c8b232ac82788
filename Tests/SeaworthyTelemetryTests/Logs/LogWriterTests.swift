import Foundation
import Logging
import Testing

@testable import SeaworthyTelemetry

struct LogWriterTests {
    private func line(_ text: String) -> (inout [UInt8]) -> Void { { $0.append(contentsOf: " \(text)".utf8) } }

    @Test func `a flush has every earlier line written`() throws {
        let file = try LogFile()
        let writer = LogWriter(descriptor: file.descriptor, format: .text)
        for number in 0..<100 { writer.write(line("\(number)")) }
        #expect(writer.flush(timeout: .seconds(60)))
        #expect(try file.bodies() == (0..<100).map { "TIME \($0)" })
        #expect(writer.flush(timeout: .seconds(60)))
        writer.shutdown()
    }

    @Test func `a shutdown has every line written, can be repeated, and drops later lines`() throws {
        let file = try LogFile()
        let writer = LogWriter(descriptor: file.descriptor, format: .text)
        writer.write(line("last"))
        #expect(writer.shutdown(timeout: .seconds(60)))
        #expect(writer.shutdown(timeout: .seconds(60)))
        writer.write(line("late"))
        #expect(writer.flush(timeout: .seconds(60)))
        #expect(try file.bodies() == ["TIME last"])
        #expect(writer.droppedLines == 1)
    }

    @Test func `a line leaves by itself, an urgent one too`() async throws {
        for urgent in [false, true] {
            let pipe = try LogPipe()
            let writer = LogWriter(descriptor: pipe.writer, format: .text)
            writer.write(urgent: urgent, line("x"))
            // Blocks until the line is there, however long that takes.
            #expect(pipe.read(27).suffix(3) == Array(" x\n".utf8))
            writer.shutdown()
            close(pipe.writer)
            close(pipe.reader)
        }
    }

    @Test(arguments: [(Logger.Level.warning, false), (.error, true), (.critical, true)])
    func `an error does not wait for the delay`(level: Logger.Level, leaves: Bool) throws {
        let pipe = try LogPipe()
        let writer = LogWriter(descriptor: pipe.writer, format: .text, delay: .seconds(86_400))
        let logger = Logger(label: "x") { StructuredLogHandler(label: $0, writer: writer, level: .trace) }
        logger.log(level: level, "m")
        #expect(pipe.hasBytes(within: leaves ? 60_000 : 200) == leaves)
        #expect(writer.shutdown(timeout: .seconds(60)))
        #expect(pipe.hasBytes(within: 60_000))
        close(pipe.writer)
        close(pipe.reader)
    }

    @Test(arguments: [((64 << 10) - 1, false), (64 << 10, true)])
    func `64 KiB do not wait for the delay`(bytes: Int, leaves: Bool) throws {
        let pipe = try LogPipe()
        let writer = LogWriter(descriptor: pipe.writer, format: .text, delay: .seconds(86_400))
        // 24 bytes of time, a space and a line feed are the writer's.
        writer.write(line("first"))
        writer.write(line(String(repeating: "x", count: bytes - 26 - 31)))
        #expect(pipe.hasBytes(within: leaves ? 60_000 : 200) == leaves)
        // Read before the shutdown: a pipe may hold no more than 64 KiB.
        if leaves { #expect(pipe.read(bytes).count == bytes) }
        #expect(writer.shutdown(timeout: .seconds(60)))
        close(pipe.writer)
        close(pipe.reader)
    }

    @Test func `eight tasks of ten thousand lines each arrive whole and in their order`() async throws {
        let file = try LogFile()
        let writer = LogWriter(descriptor: file.descriptor, format: .json, capacity: 64 << 20)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    let logger = Logger(label: "t\(task)") { StructuredLogHandler(label: $0, writer: writer, level: .info) }
                    for number in 0..<10_000 { logger.info("m", metadata: ["n": .stringConvertible(number)]) }
                }
            }
        }
        #expect(writer.shutdown(timeout: .seconds(60)))
        #expect(writer.droppedLines == 0)
        var next: [String: Int] = [:]
        var times: [String] = []
        for object in try file.objects() {
            let label = try #require(object["label"] as? String)
            #expect(object["n"] as? Int == next[label, default: 0])
            next[label, default: 0] += 1
            times.append(try #require(object["time"] as? String))
        }
        #expect(next == Dictionary(uniqueKeysWithValues: (0..<8).map { ("t\($0)", 10_000) }))
    }

    @Test func `a full buffer drops lines, counts them, and says so in a line`() throws {
        let pipe = try LogPipe()
        let filled = pipe.fill()
        // 24 bytes of time, a space, nine of text and a line feed: ten such lines fit.
        let writer = LogWriter(descriptor: pipe.writer, format: .text, capacity: 350)
        for number in 0..<17 { writer.write(line("line-\(1000 + number)")) }
        #expect(writer.droppedLines == 7)
        #expect(!writer.flush(timeout: .milliseconds(10)))
        _ = pipe.read(filled)
        #expect(writer.shutdown(timeout: .seconds(60)))
        #expect(writer.droppedLines == 7)
        close(pipe.writer)
        let lines = pipe.readAll().split(separator: "\n").map { String($0.dropFirst(24)) }
        close(pipe.reader)
        // The thread may or may not have taken a batch before the last line came; the notices add up to 7 either way.
        #expect(lines.filter { $0.hasPrefix(" line-") } == (0..<10).map { " line-\(1000 + $0)" })
        let notices = lines.filter { !$0.hasPrefix(" line-") }
        #expect(
            notices.allSatisfy {
                $0.hasPrefix(" WARNING  seaworthy.log: log lines were dropped: they came faster than they could be written dropped=")
            })
        #expect(notices.compactMap { $0.split(separator: "=").last.flatMap { Int($0) } }.reduce(0, +) == 7)
    }

    @Test func `a notice in JSON is an object with the number`() throws {
        let file = try LogFile()
        let writer = LogWriter(descriptor: file.descriptor, format: .json, capacity: 40)
        writer.write { $0.append(contentsOf: #","message":"longer than all that fits""#.utf8) }
        #expect(writer.shutdown(timeout: .seconds(60)))
        #expect(
            try file.bodies() == [
                #"{"time":"TIME","level":"warning","label":"seaworthy.log","message":"log lines were dropped: they came faster than they could be written","dropped":1}"#
            ])
    }

    @Test func `a closed pipe loses lines and nothing else`() throws {
        let pipe = try LogPipe()
        close(pipe.reader)
        let writer = LogWriter(descriptor: pipe.writer, format: .text)
        writer.write(urgent: true, line("a"))
        writer.write(line("b"))
        #expect(writer.flush(timeout: .seconds(60)))
        #expect(writer.droppedLines == 2)
        writer.write(line("c"))
        #expect(writer.shutdown(timeout: .seconds(60)))
        #expect(writer.droppedLines == 3)
        close(pipe.writer)
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func `a full disk loses lines and nothing else`() throws {
        let descriptor = open("/dev/full", O_WRONLY)
        defer { close(descriptor) }
        let writer = LogWriter(descriptor: descriptor, format: .json)
        writer.write(line("a"))
        #expect(writer.shutdown(timeout: .seconds(60)))
        #expect(writer.droppedLines == 1)
    }

    @Test func `a descriptor that would block is waited for`() throws {
        let pipe = try LogPipe()
        let filled = pipe.fill()
        _ = fcntl(pipe.writer, F_SETFL, O_NONBLOCK)
        let writer = LogWriter(descriptor: pipe.writer, format: .text)
        writer.write(urgent: true, line("x"))
        #expect(!writer.flush(timeout: .milliseconds(150)))
        _ = pipe.read(filled)
        #expect(writer.flush(timeout: .seconds(60)))
        #expect(pipe.read(27).suffix(3) == Array(" x\n".utf8))
        #expect(writer.droppedLines == 0)
        writer.shutdown()
        close(pipe.writer)
        close(pipe.reader)
    }

    @Test func `a shutdown gives up on a descriptor that would block for ever`() throws {
        let pipe = try LogPipe()
        _ = pipe.fill()
        _ = fcntl(pipe.writer, F_SETFL, O_NONBLOCK)
        let writer = LogWriter(descriptor: pipe.writer, format: .text)
        writer.write(line("x"))
        #expect(writer.shutdown(timeout: .seconds(60)))
        #expect(writer.droppedLines == 1)
        close(pipe.writer)
        close(pipe.reader)
    }

    @Test func `a shutdown does not wait longer than it is told`() throws {
        let pipe = try LogPipe()
        let filled = pipe.fill()
        let writer = LogWriter(descriptor: pipe.writer, format: .text)
        writer.write(line("x"))
        #expect(!writer.shutdown(timeout: .milliseconds(20)))
        _ = pipe.read(filled)
        #expect(writer.shutdown(timeout: .seconds(60)))
        close(pipe.writer)
        close(pipe.reader)
    }
}
