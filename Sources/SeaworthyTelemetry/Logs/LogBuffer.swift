/// The bounded queue between those who log and the thread that writes: pure, without lock, clock or file.
///
/// Lines are encoded straight into `pending`. The writing thread takes all of it at once and gives the emptied storage back,
/// so in the steady state nothing is allocated. The bound counts what waits and what is being written together.
struct LogBuffer {
    /// What the writing thread takes: whole lines, and how many were left out after them.
    struct Batch {
        var bytes: [UInt8]
        var dropped: Int
    }

    /// Bytes that may wait, at most.
    let capacity: Int
    private(set) var pending: [UInt8] = []
    private var spare: [UInt8] = []
    private var inFlight = 0
    /// Lines dropped since the last batch.
    private(set) var droppedSinceBatch = 0
    /// Lines dropped or lost since the start.
    private(set) var droppedTotal = 0
    /// Batches taken, and those written: how `flush` knows that its lines are out.
    private(set) var batchesTaken = 0
    private(set) var batchesWritten = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    var hasWork: Bool { !pending.isEmpty || droppedSinceBatch > 0 }

    /// Number of the batch that will hold what is pending now; ``batchesWritten`` reaches it when all of that is out.
    var goal: Int { hasWork ? batchesTaken + 1 : batchesTaken }

    /// Appends one line and its line feed, or drops and counts it when it does not fit.
    /// - Returns: whether this is the first line since the last batch, the one that has to wake the thread.
    mutating func append(_ encode: (inout [UInt8]) -> Void) -> Bool {
        let wasIdle = !hasWork
        let start = pending.count
        encode(&pending)
        pending.append(UInt8(ascii: "\n"))
        if pending.count + inFlight > capacity {
            pending.removeLast(pending.count - start)
            countDropped(1)
        }
        return wasIdle
    }

    mutating func countDropped(_ lines: Int) {
        droppedSinceBatch += lines
        droppedTotal += lines
    }

    /// Counts lines that no notice will tell of: a notice would be lost in the same way.
    mutating func countLost(_ lines: Int) {
        droppedTotal += lines
    }

    /// Takes everything. ``finish(_:lost:)`` must follow.
    mutating func take() -> Batch {
        let batch = Batch(bytes: pending, dropped: droppedSinceBatch)
        inFlight = pending.count
        pending = spare
        spare = []
        droppedSinceBatch = 0
        batchesTaken += 1
        return batch
    }

    /// Gives the storage of a written batch back.
    /// - Parameter lost: lines of it that could not be written; they count as dropped but wake nobody.
    mutating func finish(_ batch: inout Batch, lost: Int) {
        inFlight = 0
        countLost(lost)
        batchesWritten += 1
        // Swapped, not copied: storage with two owners would be allocated anew.
        batch.bytes.removeAll(keepingCapacity: true)
        swap(&spare, &batch.bytes)
    }
}
