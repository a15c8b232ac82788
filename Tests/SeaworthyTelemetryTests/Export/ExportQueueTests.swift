import CoreMetrics
import MetricsTestKit
import Synchronization
import Testing

@testable import SeaworthyTelemetry

@Suite(.timeLimit(.minutes(2))) struct `The way to the task that exports` {
    private let clock = ManualClock()
    private let metrics = TestMetrics()

    private func queue(_ change: (inout ExportLimits) -> Void = { _ in }) -> ExportQueue<Int> {
        var limits = ExportLimits()
        limits.batchItems = 3
        change(&limits)
        return ExportQueue(exporter: "test", limits: limits, clock: clock, metrics: metrics)
    }

    private func dropped(_ loss: ExportLoss) throws -> Int64 {
        try metrics.expectCounter("telemetry_dropped_total", [("exporter", "test"), ("reason", loss.rawValue)]).totalValue
    }

    /// Every batch that was delivered, in order.
    private final class Deliveries: Sendable {
        private let (stream, continuation) = AsyncStream.makeStream(of: [Int].self)
        private let outcome: ExportOutcome

        init(_ outcome: ExportOutcome = .delivered) {
            self.outcome = outcome
        }

        func deliver(_ batch: [Int]) -> ExportOutcome {
            continuation.yield(batch)
            return outcome
        }

        func next() async -> [Int] {
            for await batch in stream { return batch }
            return []
        }
    }

    @Test func `a full batch goes at once, and one that is not full once it is old enough`() async throws {
        let (queue, deliveries) = (queue(), Deliveries())
        async let running: Void = queue.run(deliveries.deliver)
        for item in 1...3 { #expect(queue.offer(item, bytes: 1)) }
        #expect(await deliveries.next() == [1, 2, 3])
        queue.offer(4, bytes: 1)
        await clock.sleeping(1)
        #expect(clock.asked.last == .seconds(5))
        clock.advance(by: .seconds(4))
        queue.offer(5, bytes: 1)
        clock.advance(by: .seconds(1))
        #expect(await deliveries.next() == [4, 5])
        queue.close()
        await running
        #expect(try dropped(.shutdown) == 0)
    }

    @Test func `what is there when it is closed is delivered without waiting`() async throws {
        let (queue, deliveries) = (queue(), Deliveries())
        for item in 1...7 { queue.offer(item, bytes: 1) }
        queue.close()
        #expect(!queue.offer(8, bytes: 1))
        await queue.run(deliveries.deliver)
        for expected in [[1, 2, 3], [4, 5, 6], [7]] { #expect(await deliveries.next() == expected) }
        #expect(try dropped(.shutdown) == 1)
        #expect(queue.itemCount == 0)
    }

    @Test func `closed while it waits for more, it waits no longer`() async {
        let (queue, deliveries) = (queue(), Deliveries())
        async let running: Void = queue.run(deliveries.deliver)
        queue.offer(1, bytes: 1)
        await clock.sleeping(1)
        queue.close()
        #expect(await deliveries.next() == [1])
        await running
    }

    @Test func `a receiver that hangs costs what comes beyond the bound, and the end waits for it no longer than it may`() async throws {
        let queue = queue { $0.maximumItems = 5 }
        let (taken, taking) = AsyncStream.makeStream(of: [Int].self)
        async let running: Void = queue.run { batch in
            taking.yield(batch)
            try? await Task.sleep(for: .seconds(3600))
            return .lost(.shutdown)
        }
        for item in 1...3 { queue.offer(item, bytes: 1) }
        for await batch in taken {
            #expect(batch == [1, 2, 3])
            break
        }
        for item in 4...9 { queue.offer(item, bytes: 1) }
        #expect(queue.itemCount == 5)
        #expect(try dropped(.queueFull) == 4)
        queue.close()
        await clock.sleeping(1)
        #expect(clock.asked.last == .seconds(2))
        clock.advance(by: .seconds(2))
        await running
        #expect(try dropped(.shutdown) == 5)
        #expect(queue.itemCount == 0)
    }

    @Test func `a task that is cancelled ends at once, and what waits is counted`() async throws {
        let queue = queue()
        queue.offer(1, bytes: 1)
        let running = Task { await queue.run { _ in .delivered } }
        await clock.sleeping(1)
        running.cancel()
        await running.value
        #expect(try dropped(.shutdown) == 1)
        #expect(!queue.offer(2, bytes: 1))
    }

    @Test(arguments: [
        (ExportOutcome.lost(.unreachable), ExportLoss.unreachable, Int64(3)), (.lost(.refused, items: 2), .refused, 2),
        (.delivered, .refused, 0),
    ]) func `what a delivery lost is counted by its reason`(outcome: ExportOutcome, loss: ExportLoss, count: Int64) async throws {
        let (queue, deliveries) = (queue(), Deliveries(outcome))
        for item in 1...3 { queue.offer(item, bytes: 1) }
        queue.close()
        await queue.run(deliveries.deliver)
        #expect(try dropped(loss) == count)
    }

    @Test func `every reason has its counter from the start`() throws {
        _ = queue()
        for loss in ExportLoss.allCases { #expect(try dropped(loss) == 0) }
        #expect(ExportLoss.allCases.map(\.rawValue) == ["queue_full", "refused", "unreachable", "rate_limited", "shutdown"])
    }

    @Test func `items of many threads all arrive, each once`() async {
        let queue = queue {
            $0.batchItems = 100
            $0.maximumItems = 10_000
        }
        let seen = Mutex<[Int]>([])
        async let running: Void = queue.run { batch in
            seen.withLock { $0 += batch }
            return .delivered
        }
        await withTaskGroup { group in
            for thread in 0..<8 {
                group.addTask { for item in 0..<1000 { queue.offer(thread * 1000 + item, bytes: 1) } }
            }
        }
        queue.close()
        await running
        #expect(seen.withLock { $0.sorted() } == Array(0..<8000))
    }
}
