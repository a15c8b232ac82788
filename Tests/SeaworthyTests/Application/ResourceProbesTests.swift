import Foundation
import Testing

@testable import Seaworthy
@testable import SeaworthyHTTP

@Suite struct `What the server lives from` {
    private func observations(_ probe: HealthProbe) async throws -> [HealthObservation] { try await probe.observe() }

    @Test func `is told of with its units`() async throws {
        let folder = try TemporaryFolder()
        let probes = ResourceProbes.all(databasePath: "\(folder.path)/a.db")
        #expect(probes.map(\.name) == ["disk:available", "memory:rss", "cpu:utilization"])
        #expect(probes.allSatisfy { !$0.isRequired && !$0.isTimed && $0.timeout == .seconds(2) })
        #expect(ResourceProbes.all(databasePath: nil).map(\.name) == ["memory:rss", "cpu:utilization"])
        #if os(Linux)
        for (probe, unit) in zip(probes, ["bytes", "bytes", "percent"]) {
            let found = try await observations(probe)
            #expect(found.map(\.name) == [probe.name] && found.map(\.unit) == [unit])
            switch found.first?.value {
            case .integer(let value): #expect(value > 0)
            case .number(let value): #expect((0...100).contains(value))
            default: Issue.record("\(found)")
            }
        }
        #endif
    }

    @Test func `is short of disk below a bound`() async throws {
        let folder = try TemporaryFolder()
        let short = try await observations(ResourceProbes.disk(of: "\(folder.path)/a.db", minimum: .max))
        #expect(short.map(\.status) == [.warn])
        #expect(short.first?.output == "less than \(Int.max) bytes are left for the database")
        let enough = try await observations(ResourceProbes.disk(of: "\(folder.path)/a.db", minimum: 1))
        #expect(enough.map(\.status) == [.pass] && enough.first?.output == nil)
        // As another tells it; others write meanwhile.
        let told = try FileManager.default.attributesOfFileSystem(forPath: folder.path)[.systemFreeSize] as? NSNumber
        if case .integer(let bytes)? = enough.first?.value { #expect(abs(Double(bytes) / (told?.doubleValue ?? 0) - 1) < 0.1) }
        #expect(ResourceProbes.minimumDiskBytes == 1_073_741_824)
        await #expect(throws: (any Error).self) {
            try await observations(ResourceProbes.disk(of: "\(folder.path)/none/a.db"))
        }
    }

    @Test func `is a share of all processors since it was last asked`() {
        let start = ContinuousClock.now
        let share = ProcessorShare(10, at: start)
        #expect(share.percent(11, processors: 4, at: start + .seconds(1)) == 25)
        #expect(share.percent(13, processors: 1, at: start + .seconds(5)) == 50)
        #expect(share.percent(99, processors: 1, at: start + .seconds(6)) == 100)
        #expect(share.percent(98, processors: 1, at: start + .seconds(7)) == 0)
        #expect(share.percent(99, processors: 1, at: start + .seconds(7)) == 0)
    }
}
