package import CoreMetrics
import Synchronization

/// The way from whatever thread something happens on to the one task that exports it: never waits, never grows beyond its bounds, and counts
/// what it drops.
///
/// Kept apart from what is exported and from how, so that traces, errors and events share it.
package final class ExportQueue<Item: Sendable>: Sendable {
    private let limits: ExportLimits
    private let buffer: Mutex<ExportBuffer<Item>>
    private let work = ExportSignal()
    private let closing = ExportSignal()
    private let clock: any Clock<Duration>
    private let dropped: [ExportLoss: Counter]

    /// - Parameters:
    ///   - exporter: names what it is for in `telemetry_dropped_total`.
    ///   - clock: what the age of batches and the time of the last flush are measured by.
    ///   - metrics: where is counted what is dropped.
    package init(
        exporter: String, limits: ExportLimits = ExportLimits(), clock: any Clock<Duration> = ContinuousClock(),
        metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.limits = limits
        self.clock = clock
        buffer = Mutex(ExportBuffer(limits: limits))
        // All from the start: a counter that is not there yet cannot be alerted on.
        dropped = Dictionary(
            uniqueKeysWithValues: ExportLoss.allCases.map { loss in
                let labels = [("exporter", exporter), ("reason", loss.rawValue)]
                return (loss, Counter(label: "telemetry_dropped_total", dimensions: labels, factory: metrics))
            })
    }

    /// Hands an item over, or drops and counts it. From any thread, in constant time.
    ///
    /// - Parameter bytes: about what the item takes in memory.
    /// - Returns: whether it will be exported, as far as the receiver lets it.
    @discardableResult
    package func offer(_ item: Item, bytes: Int) -> Bool {
        switch buffer.withLock({ $0.append(item, bytes: bytes) }) {
        case .held: return true
        case .wakes:
            work.raise()
            return true
        case .dropped(let loss):
            count(loss)
            return false
        }
    }

    /// Counts what was dropped on the way to the queue or behind it.
    package func count(_ loss: ExportLoss, items: Int = 1) {
        dropped[loss]?.increment(by: items)
    }

    /// Items that wait or are on their way.
    package var itemCount: Int { buffer.withLock { $0.count } }

    /// Takes nothing further in: ``run(_:)`` delivers what is there without waiting for more, within ``ExportLimits/flushTime``, and returns.
    package func close() {
        buffer.withLock { $0.close() }
        work.raise()
        closing.raise()
    }

    /// Hands on batch after batch, one at a time, until the queue is closed or the task is cancelled. To be run once.
    ///
    /// - Parameter deliver: must end when its task is cancelled.
    package func run(_ deliver: @escaping @Sendable ([Item]) async -> ExportOutcome) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.deliverAll(deliver) }
            group.addTask { [clock, closing, limits] in
                await closing.wait()
                try? await clock.sleep(for: limits.flushTime)
            }
            await group.next()
            group.cancelAll()
        }
        let rest = buffer.withLock { buffer in
            buffer.close()
            return buffer.discard()
        }
        if rest > 0 { count(.shutdown, items: rest) }
    }

    private func deliverAll(_ deliver: @escaping @Sendable ([Item]) async -> ExportOutcome) async {
        while !Task.isCancelled {
            switch buffer.withLock({ $0.readiness }) {
            case .finished: return
            case .empty: await work.wait()
            case .filling:
                if await ages() { await deliverNext(deliver) }
            case .ready: await deliverNext(deliver)
            }
        }
    }

    private func deliverNext(_ deliver: @Sendable ([Item]) async -> ExportOutcome) async {
        let batch = buffer.withLock { $0.take() }
        guard !batch.isEmpty else { return }
        let outcome = await deliver(batch)
        buffer.withLock { $0.finish() }
        if case .lost(let loss, let items) = outcome { count(loss, items: items ?? batch.count) }
    }

    /// Waits for a batch to be full.
    /// - Returns: whether it has waited as long as it may.
    private func ages() async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { [work] in
                await work.wait()
                return false
            }
            group.addTask { [clock, limits] in
                (try? await clock.sleep(for: limits.batchAge)) != nil
            }
            let isAged = await group.next() ?? false
            group.cancelAll()
            return isAged
        }
    }
}
