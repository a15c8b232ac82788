import Foundation
import Testing

@testable import SeaworthyTelemetry

@Suite struct `What the system tells of the process` {
    @Test func `is read past a program's name with brackets and spaces`() {
        let text = "42 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 1900 2000 21 22 23\n"
        #expect(ProcessStat(text)?.startTicks == 1900)
        #expect(ProcessStat(text)?.residentPages == 21)
    }

    @Test(arguments: ["", "42 a S 1", "42 (a) S 1 2 3", "42 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 x 20 21 22"])
    func `is nothing where it cannot be read`(_ text: String) {
        #expect(ProcessStat(text) == nil)
    }

    @Test func `tells when the machine began`() {
        #expect(ProcessStat.bootTime("cpu  1 2 3\nbtime 1700000000\nprocesses 7\n") == 1_700_000_000)
        #expect(ProcessStat.bootTime("cpu 1\n") == nil)
    }

    #if os(Linux)
    @Test func `is that of this process`() throws {
        var first = ProcessReading.now()
        var sum = 0.0
        // As long as it takes to be seen on the clock.
        while ProcessReading.now().processorSeconds ?? 0 <= first.processorSeconds ?? .infinity { sum += Double(first.hashed) }
        let second = ProcessReading.now()
        #expect(try #require(second.processorSeconds) > #require(first.processorSeconds))
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let resident = try #require(status.firstMatch(of: /VmRSS:\s+([0-9]+) kB/)).1
        let kilobytes = try #require(Double(resident))
        #expect(abs(Double(try #require(second.residentBytes)) / 1024 / kilobytes - 1) < 0.5)
        let start = try #require(second.startTime)
        #expect(start <= Date().timeIntervalSince1970 + 1 && start > Date().timeIntervalSince1970 - 24 * 3600)
        #expect(try #require(second.openDescriptors) >= 3)
        #expect(try #require(second.maximumDescriptors) >= #require(second.openDescriptors))
        first = second
        #expect(Set(first.metrics.keys) == Set(MetricDescription.own.map(\.name).filter { $0.hasPrefix("process_") }))
        #expect(first.metrics["process_max_fds"] == second.maximumDescriptors.map(Double.init))
        #expect(sum.isFinite)
    }

    @Test func `counts the descriptors that are open`() throws {
        // Others open and close theirs meanwhile: many more tell.
        let before = try #require(ProcessReading.now().openDescriptors)
        let pipes = (0..<200).map { _ in Pipe() }
        let after = try #require(ProcessReading.now().openDescriptors)
        #expect(after - before > 200 && after - before < 1200)
        #expect(pipes.count == 200)
    }
    #endif

    @Test func `leaves out what is not known`() {
        #expect(ProcessReading().metrics.isEmpty)
        #expect(ProcessReading(residentBytes: 5).metrics == ["process_resident_memory_bytes": 5])
        #expect(ProcessReading.processorCount >= 1)
    }
}

extension ProcessReading {
    fileprivate var hashed: Int { (residentBytes ?? 0) & 7 }
}
