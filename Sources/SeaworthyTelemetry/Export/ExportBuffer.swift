import NIOCore

/// What waits to be exported: pure, without lock, clock or task.
///
/// The bounds count what waits and what is on its way together, so that a receiver that hangs holds no more memory than one that is away.
struct ExportBuffer<Item> {
    enum Admission: Equatable {
        case dropped(ExportLoss)
        case held
        /// Whoever takes batches has something new to decide: there is a first item, or enough for a batch.
        case wakes
    }

    enum Readiness: Equatable {
        case empty
        /// Something is there, and may wait for more.
        case filling
        case ready
        /// Closed, and everything was taken.
        case finished
    }

    let limits: ExportLimits
    private var waiting = CircularBuffer<(item: Item, bytes: Int)>()
    private var waitingBytes = 0
    private var itemsOnTheirWay = 0
    private var bytesOnTheirWay = 0
    private(set) var isClosed = false

    init(limits: ExportLimits) {
        self.limits = limits
    }

    var count: Int { waiting.count + itemsOnTheirWay }
    var bytes: Int { waitingBytes + bytesOnTheirWay }

    private var fillsBatch: Bool { waiting.count >= limits.batchItems || waitingBytes >= limits.batchBytes }

    var readiness: Readiness {
        if waiting.isEmpty { return isClosed ? .finished : .empty }
        return isClosed || fillsBatch ? .ready : .filling
    }

    /// Takes an item in, or drops it: the newest, since what happened first tells more of how a trouble began.
    mutating func append(_ item: Item, bytes: Int) -> Admission {
        guard !isClosed else { return .dropped(.shutdown) }
        guard count < limits.maximumItems, self.bytes + bytes <= limits.maximumBytes else { return .dropped(.queueFull) }
        let (wasEmpty, filled) = (waiting.isEmpty, fillsBatch)
        waiting.append((item, bytes))
        waitingBytes += bytes
        return wasEmpty || (fillsBatch && !filled) ? .wakes : .held
    }

    /// The oldest items that go together; none when nothing waits. ``finish()`` must follow before the next.
    mutating func take() -> [Item] {
        var batch: [Item] = []
        while batch.count < limits.batchItems, let next = waiting.first, batch.isEmpty || bytesOnTheirWay + next.bytes <= limits.batchBytes
        {
            batch.append(next.item)
            bytesOnTheirWay += next.bytes
            waitingBytes -= next.bytes
            waiting.removeFirst()
        }
        itemsOnTheirWay = batch.count
        return batch
    }

    /// The batch has been delivered, or was given up.
    mutating func finish() {
        itemsOnTheirWay = 0
        bytesOnTheirWay = 0
    }

    /// Takes nothing further in.
    mutating func close() {
        isClosed = true
    }

    /// Gives up what waits.
    /// - Returns: how many items that are.
    mutating func discard() -> Int {
        let count = waiting.count
        waiting.removeAll()
        waitingBytes = 0
        return count
    }
}
