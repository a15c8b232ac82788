/// Jobs in the order they came. Pure: whoever owns it has the lock.
struct WaitingJobs {
    // Taken and removed jobs leave nil behind until the next compaction, so that every operation but removal is constant time.
    private var slots: [Job?] = []
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ job: Job) {
        slots.append(job)
        count += 1
    }

    /// Puts a job before all that wait.
    mutating func prepend(_ job: Job) {
        if head > 0 {
            head -= 1
            slots[head] = job
        } else {
            slots.insert(job, at: 0)
        }
        count += 1
    }

    var first: Job? {
        mutating get {
            while head < slots.count {
                if let job = slots[head] { return job }
                head += 1
            }
            reset()
            return nil
        }
    }

    mutating func popFirst() -> Job? {
        guard let job = first else { return nil }
        slots[head] = nil
        head += 1
        count -= 1
        if count == 0 { reset() } else if head > 64, head * 2 > slots.count { compact() }
        return job
    }

    /// Takes one job out from wherever it waits; false when it does not.
    mutating func remove(_ job: Job) -> Bool {
        guard let index = slots[head...].firstIndex(where: { $0 === job }) else { return false }
        slots[index] = nil
        count -= 1
        if count == 0 { reset() } else if slots.count - head > 2 * count + 64 { compact() }
        return true
    }

    mutating func removeAll() -> [Job] {
        let jobs = slots[head...].compactMap(\.self)
        reset()
        count = 0
        return jobs
    }

    private mutating func reset() {
        slots.removeAll(keepingCapacity: true)
        head = 0
    }

    private mutating func compact() {
        slots = slots[head...].filter { $0 != nil }
        head = 0
    }
}
