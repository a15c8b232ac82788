import SeaworthySchema

/// What a restore to a moment takes: a backup, and the pieces behind it. Pure, from names and manifests.
struct LogPlan: Sendable {
    let base: BackupManifest
    /// The piece that the backup begins at; nil when there is no log behind it.
    let start: LogPieceName?
    /// Those that may be applied, in order.
    let pieces: [LogPieceName]

    /// - Parameters:
    ///   - bases: sound backups of the database, in any order.
    ///   - isChosen: somebody named the one backup that is there.
    /// - Throws: ``BackupError`` `outOfReach` that says what there is, `outOfOrder` when a piece is missing before the moment.
    init(_ moment: RestoreMoment, bases: [BackupManifest], list: LogList, isChosen: Bool) throws(BackupError) {
        let points = bases.map { Point($0, $0.log.map(list.stretch(behind:)) ?? LogStretch()) }
            .sorted { ($0.from, $0.base.id) > ($1.from, $1.base.id) }
        let found: Point?
        let until: Int64
        switch moment {
        case .latest:
            found = points.reversed().max { $0.to < $1.to || $0.to == $1.to && $0.from < $1.from }
            until = .max
        case .at(let time):
            found = points.first { $0.from <= time }
            until = time
        }
        guard let found else { throw Self.refusal(moment, points, isChosen, "that is before \(isChosen ? "the" : "the first") backup") }
        if until > found.to, let problem = found.stretch.problem {
            throw BackupError(
                .outOfOrder, "\(problem), so that \(moment) cannot be had; \(Self.reach(points))",
                fix: "name a moment that the log reaches, with --at")
        }
        if case .at(let time) = moment, time > found.to {
            let reason =
                found.stretch.start == nil ? "no log is kept behind" : "\(TimeLabel.precise(found.to)) is the end of the log behind"
            throw Self.refusal(moment, points, isChosen, "\(reason) \(found.base.id)")
        }
        base = found.base
        start = found.stretch.start
        pieces = found.stretch.pieces(until: until)
    }

    private static func refusal(_ moment: RestoreMoment, _ points: [Point], _ isChosen: Bool, _ reason: String) -> BackupError {
        BackupError(
            .outOfReach, "there is no \(moment): \(reason); \(reach(points))",
            fix: "name a moment that the log reaches, or write --at latest" + (isChosen ? ", or leave out the backup" : ""))
    }

    private static func reach(_ points: [Point]) -> String {
        let spans = spans(points)
        guard !spans.isEmpty else { return "there is no log behind any backup" }
        return "the log reaches "
            + spans.map { "from \(TimeLabel.precise($0.from)) to \(TimeLabel.precise($0.to))" }.joined(separator: " and ")
    }

    /// The times that can be had, the earliest first.
    static func spans(bases: [BackupManifest], list: LogList) -> [LogSpan] {
        spans(bases.map { Point($0, $0.log.map(list.stretch(behind:)) ?? LogStretch()) })
    }

    private static func spans(_ points: [Point]) -> [LogSpan] {
        var spans: [LogSpan] = []
        for point in points.sorted(by: { $0.from < $1.from }) where point.stretch.start != nil {
            if let last = spans.last, point.from <= last.to {
                spans[spans.count - 1].to = max(last.to, point.to)
            } else {
                spans.append(LogSpan(from: point.from, to: point.to))
            }
        }
        return spans
    }

    private struct Point {
        let base: BackupManifest
        let stretch: LogStretch

        init(_ base: BackupManifest, _ stretch: LogStretch) {
            self.base = base
            self.stretch = stretch
        }

        var from: Int64 { base.log?.moment ?? base.time + Int64(base.duration) * 1000 }
        var to: Int64 { max(from, stretch.end ?? .min) }
    }
}

/// A span of time that the log reaches; microseconds since the epoch.
package struct LogSpan: Sendable, Equatable {
    package var from: Int64
    package var to: Int64
}

/// The state that is asked for.
package enum RestoreMoment: Sendable, Equatable, CustomStringConvertible {
    /// The last one there is.
    case latest
    /// Microseconds since the epoch.
    case at(Int64)

    /// Nil for what is neither `latest` nor a time of RFC 3339.
    package init?(_ text: String) {
        if text == "latest" {
            self = .latest
        } else if let time = TimeLabel.microseconds(text) {
            self = .at(time)
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .latest: "state after the last commit"
        case .at(let time): "state of \(TimeLabel.precise(time))"
        }
    }
}
