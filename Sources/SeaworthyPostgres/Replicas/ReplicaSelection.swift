import SeaworthyStorage

/// Decides which replica a read goes to, if any: only one that lately said how far it is, that has what the client has seen, and that is
/// not far behind the primary. Without a clock or a socket of its own.
///
/// Places in the log are counted in bytes from its beginning. How long a replica is behind is told by when the primary was at the place
/// where the replica is now. As long as the primary does not answer nothing new is written, so that replicas fall no further behind.
package struct ReplicaSelection {
    package struct Settings: Sendable {
        /// How far behind the primary a replica may be.
        package var maximumLag: Duration = .seconds(5)
        /// For how long what a replica said is good.
        package var validity: Duration = .seconds(1)
        /// How often servers are asked how far they are.
        package var interval: Duration = .milliseconds(100)

        package init() {}
    }

    private struct Replica {
        var position: UInt64?
        var heardAt: UInt64 = 0
    }

    private struct Sample {
        let position: UInt64
        /// When the primary was last there.
        var at: UInt64
    }

    private let maximumLag: UInt64
    private let validity: UInt64
    private var replicas: [Replica]
    /// Where the primary was, the oldest first; none is older than the greatest lag but the first.
    private var samples: [Sample] = []
    private var next = 0

    package init(count: Int, _ settings: Settings = Settings()) {
        maximumLag = settings.maximumLag.nanoseconds
        validity = settings.validity.nanoseconds
        replicas = Array(repeating: Replica(), count: count)
    }

    /// The primary is at this place.
    package mutating func primary(isAt position: UInt64, at now: UInt64) {
        // Another primary may have less than the one before it, whose places mean nothing any more.
        if let last = samples.last, last.position > position { samples = [] }
        if samples.last?.position == position {
            samples[samples.count - 1].at = now
        } else {
            samples.append(Sample(position: position, at: now))
        }
        while samples.count > 1, samples[1].at &+ maximumLag < now { samples.removeFirst() }
    }

    /// The replica has replayed the log up to this place; nil when it does not answer, or is none.
    package mutating func replica(_ index: Int, hasReplayed position: UInt64?, at now: UInt64) {
        replicas[index] = Replica(position: position, heardAt: now)
    }

    /// The replica for a read that has to see what stands before `position`, in turn among those that will do; nil for the primary.
    package mutating func choose(position: UInt64, at now: UInt64) -> Int? {
        for offset in 0..<replicas.count {
            let index = (next + offset) % replicas.count
            guard isGood(replicas[index], position, at: now) else { continue }
            next = index + 1
            return index
        }
        return nil
    }

    /// How each replica is: how far it is behind, nil where nothing was lately heard of it, and whether reads go to it.
    package func conditions(at now: UInt64) -> [(lag: Duration?, isUsed: Bool)] {
        replicas.map { replica in
            (lag(of: replica, at: now).map { .nanoseconds(Int64(clamping: $0.nanoseconds)) }, isGood(replica, 0, at: now))
        }
    }

    private func isGood(_ replica: Replica, _ position: UInt64, at now: UInt64) -> Bool {
        guard let lag = lag(of: replica, at: now), let replayed = replica.position, replayed >= position else { return false }
        return lag.isKnown && lag.nanoseconds <= maximumLag
    }

    /// Nil where nothing was lately heard of it, or of the primary. It is at least as long where the replica is older than what is remembered.
    private func lag(of replica: Replica, at now: UInt64) -> (nanoseconds: UInt64, isKnown: Bool)? {
        guard let replayed = replica.position, now &- replica.heardAt <= validity, let newest = samples.last else { return nil }
        if replayed >= newest.position { return (0, true) }
        guard let same = samples.last(where: { $0.position <= replayed }) else { return (newest.at &- samples[0].at, false) }
        return (newest.at &- same.at, true)
    }
}
