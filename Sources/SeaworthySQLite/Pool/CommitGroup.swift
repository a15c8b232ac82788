import SeaworthyStorage

/// The transactions that share the writer's next COMMIT, and when it is due. Pure: time is handed in.
///
/// Nobody is waited for: a group grows only by transactions that wait for the writer already, so it saves a lone one no time and costs
/// it none, and with many that wait one flush to the disk is for all of them.
struct CommitGroup<Member> {
    private let limit: Int
    private let time: Duration
    private var members: [Member] = []
    private var end = Deadline(nanoseconds: 0)
    private var isClosed = false

    /// - Parameters:
    ///   - limit: members at most; fewer than one counts as one.
    ///   - time: how long after the first member joined others may still begin.
    init(limit: Int, time: Duration) {
        self.limit = max(limit, 1)
        self.time = time
    }

    var isEmpty: Bool { members.isEmpty }

    /// Takes in a transaction that is complete but for the COMMIT, and waits for it from now on.
    ///
    /// - Parameter closes: it stays the last one.
    mutating func join(_ member: Member, now: Deadline, closes: Bool = false) {
        if members.isEmpty { end = now.advanced(by: time) }
        members.append(member)
        isClosed = isClosed || closes
    }

    /// Whether no other transaction may begin before the COMMIT.
    func isDue(now: Deadline) -> Bool {
        isClosed || members.count >= limit || now.nanoseconds >= end.nanoseconds
    }

    /// Empties the group, for what became of its COMMIT to be told to each.
    mutating func take() -> [Member] {
        isClosed = false
        defer { members.removeAll(keepingCapacity: true) }
        return members
    }
}
