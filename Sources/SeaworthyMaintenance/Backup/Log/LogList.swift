/// Which pieces of a log there are, by their names alone. Pure.
struct LogList: Sendable {
    /// Of each chain its pieces, by number.
    private(set) var chains: [LogGeneration: [LogPieceName]] = [:]
    private var sizes: [LogPieceName: Int] = [:]

    init(_ objects: [StoredObject] = [], prefix: String) {
        for object in objects {
            guard let name = LogPieceName(object.name, prefix: prefix) else { continue }
            chains[name.generation, default: []].append(name)
            sizes[name] = object.bytes
        }
        for generation in chains.keys { chains[generation]?.sort { ($0.number, $0.time) < ($1.number, $1.time) } }
    }

    var isEmpty: Bool { chains.isEmpty }
    var newestGeneration: LogGeneration? { chains.keys.max() }
    /// The last piece of the newest chain.
    var last: LogPieceName? { newestGeneration.flatMap { chains[$0]?.last } }
    var count: Int { chains.values.reduce(0) { $0 + $1.count } }
    var bytes: Int { sizes.values.reduce(0, +) }

    /// What lies behind a backup, piece by piece, as far as nothing is missing.
    func stretch(behind base: LogBase) -> LogStretch {
        let chain = chains[base.generation] ?? []
        // Retention leaves the piece at which a backup begins as long as it leaves what follows.
        guard let start = chain.first(where: { $0.number == base.piece }) else { return LogStretch() }
        var stretch = LogStretch(start: start)
        for name in chain where name.number > base.piece {
            let due = base.piece + stretch.pieces.count + 1
            if name.number == due {
                stretch.pieces.append(name)
            } else {
                stretch.problem =
                    name.number < due
                    ? "there are two pieces \(name.number) of the log \(base.generation): \(name) and another"
                    : "piece \(due) of the log \(base.generation) is missing, and \(name) would come next"
                break
            }
        }
        return stretch
    }

    /// The pieces that may go: those that lie before every backup that needs its log.
    ///
    /// - Parameters:
    ///   - bases: of the backups from which one can go on to a moment.
    func removable(needed bases: [LogBase]) -> [LogPieceName] {
        var firsts: [LogGeneration: Int] = [:]
        for base in bases { firsts[base.generation] = min(firsts[base.generation] ?? .max, base.piece) }
        // The newest chain may have its first backup still to come.
        if let newest = newestGeneration, firsts[newest] == nil { firsts[newest] = 0 }
        return chains.sorted { $0.key < $1.key }.flatMap { generation, names in
            names.filter { $0.number < firsts[generation] ?? .max }
        }
    }
}

/// Where in the log a backup was made. In its manifest.
package struct LogBase: Sendable, Equatable {
    /// The chain, and its last piece that was stored before the snapshot was taken.
    var generation: LogGeneration
    var piece: Int
    /// When the snapshot was taken; microseconds since the epoch.
    package var moment: Int64
    /// The end of the log right after that: only from there on does what the pieces make of the backup have a state that was.
    var salts: UInt64
    var frame: Int

    init(_ generation: LogGeneration, piece: Int, moment: Int64, salts: UInt64, frame: Int) {
        (self.generation, self.piece, self.moment, self.salts, self.frame) = (generation, piece, moment, salts, frame)
    }

    /// Whether a place is at or behind the end of the log that the snapshot saw at most.
    func isCovered(by position: LogPosition) -> Bool {
        position.salts == salts && position.frame >= frame
    }
}

/// The pieces behind a backup, without a gap.
struct LogStretch: Sendable, Equatable {
    /// The piece that the backup begins at; nil when its log is not kept.
    var start: LogPieceName?
    var pieces: [LogPieceName] = []
    /// Why it ends although there is more.
    var problem: String?

    init(start: LogPieceName? = nil) {
        self.start = start
    }

    /// The last moment it reaches; nil when nothing was committed behind the backup.
    var end: Int64? { pieces.last(where: \.endsCommit)?.time }

    /// The pieces to apply for a state at a moment, the last of them one that ends a commit.
    func pieces(until moment: Int64) -> [LogPieceName] {
        let known = pieces.prefix { $0.time <= moment }
        guard let last = known.lastIndex(where: \.endsCommit) else { return [] }
        return Array(known[...last])
    }
}
