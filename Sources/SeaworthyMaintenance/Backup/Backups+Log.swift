import SeaworthyStorage
import Synchronization

/// The log behind the backups: docs/decisions/0040-sqlite-log.md.
extension Backups {
    /// What there is of the log of this database; nil when there is nothing.
    ///
    /// - Parameter listed: the backups there are.
    package func log(behind listed: [ListedBackup]) async throws -> KeptLog? {
        guard engine.kind == .sqlite else { return nil }
        let list = try await pieces(of: engine.database).list()
        guard !list.isEmpty else { return nil }
        return KeptLog(
            spans: LogPlan.spans(bases: bases(of: engine.database, in: listed), list: list), pieces: list.count, bytes: list.bytes)
    }

    func pieces(of database: String) -> LogStore {
        LogStore(store: store, prefix: LogPieceName.prefix(of: database), keys: keys)
    }

    /// The last piece of the log that is stored; nil when there is none, or it cannot be read: then nothing goes on from it either.
    func lastPiece() async throws -> LogPiece? {
        guard engine.kind == .sqlite else { return nil }
        let pieces = pieces(of: engine.database)
        guard let last = try await pieces.list().last else { return nil }
        return try? await pieces.read(last)
    }

    /// The sound backups of a database.
    func bases(of database: String, in listed: [ListedBackup]) -> [BackupManifest] {
        listed.filter(\.isSound).compactMap(\.manifest).filter { $0.database == database && $0.kind == engine.kind }
    }

    /// What a restore to a moment applies.
    ///
    /// - Parameter id: the backup to begin with; nil for the newest one of before.
    func walk(to moment: RestoreMoment, from id: String?) async throws -> LogWalk {
        guard engine.kind == .sqlite else {
            throw BackupError(
                .notSupported, "a restore to a moment is not supported in this version on PostgreSQL",
                fix: "use pgBackRest as docs/backups.md says it, or restore a backup without --at")
        }
        if let id {
            let named = try await manifest(id).0
            let pieces = pieces(of: named.database)
            return LogWalk(try LogPlan(moment, bases: [named], list: try await pieces.list(), isChosen: true), pieces)
        }
        // The newest may be damaged: it says whose backups these are, and an older one is gone on from.
        let listed = try await list()
        let newest = try newestName(listed)
        let database = listed.first { $0.id == newest }?.manifest?.database ?? engine.database
        let pieces = pieces(of: database)
        let bases = bases(of: database, in: listed)
        // Says why none is sound: the key, as a rule.
        if bases.isEmpty { _ = try await manifest(newest) }
        return LogWalk(try LogPlan(moment, bases: bases, list: try await pieces.list(), isChosen: false), pieces)
    }

    /// What a verification applies: everything behind a backup. Nil when no log is kept behind it.
    func walk(behind manifest: BackupManifest) async throws -> LogWalk? {
        guard engine.kind == .sqlite, let log = manifest.log else { return nil }
        let pieces = pieces(of: manifest.database)
        let stretch = try await pieces.list().stretch(behind: log)
        return LogWalk(log, stretch, pieces, base: manifest.id)
    }

    /// The pieces that no backup needs. Behind backups within the days of the retention one can go on to any moment; older ones stand for
    /// their own, or the log of a year would have to be kept for them.
    func removablePieces(behind manifests: [BackupManifest]) async throws -> [LogPieceName] {
        guard engine.kind == .sqlite else { return [] }
        let logged = manifests.filter { $0.log != nil }.sorted { $0.time > $1.time }
        let oldest = now() - Int64(retention.daily) * 86_400_000_000
        let needed = logged.enumerated().filter { $0.offset == 0 || $0.element.time >= oldest }.compactMap(\.element.log)
        return try await pieces(of: engine.database).list().removable(needed: needed)
    }
}

/// The pieces behind a backup on their way into the file that was restored from it, and what came of it.
final class LogWalk: Sendable {
    /// The backup's name.
    let base: String
    private let replay: LogReplay?
    private let problem: String?
    private let reached: Mutex<ReachedMoment>

    /// For a restore.
    init(_ plan: LogPlan, _ pieces: LogStore) {
        base = plan.base.id
        problem = nil
        reached = Mutex(ReachedMoment(moment: plan.base.log?.moment ?? plan.base.time))
        replay = plan.base.log.flatMap { log in
            plan.start.map { LogReplay(store: pieces, base: log, start: $0, pieces: plan.pieces) }
        }
    }

    /// For a verification; nil when the log is not kept.
    init?(_ log: LogBase, _ stretch: LogStretch, _ pieces: LogStore, base: String) {
        guard let start = stretch.start else { return nil }
        self.base = base
        problem = stretch.problem
        reached = Mutex(ReachedMoment(moment: log.moment))
        replay = LogReplay(store: pieces, base: log, start: start, pieces: stretch.pieces(until: .max))
    }

    var body: @Sendable (String) async throws -> Void {
        { [self] path in
            guard let replay else { return }
            let outcome = try await replay.apply(to: path)
            reached.withLock { $0 = outcome }
        }
    }

    /// How far it came.
    ///
    /// - Throws: ``BackupError`` `outOfOrder` when there is more behind a gap.
    func finish() throws(BackupError) -> ReachedMoment {
        if let problem {
            throw BackupError(
                .outOfOrder, "the log behind \(base) has a gap: \(problem)", fix: "make a backup now: seaworthy backup create")
        }
        return reached.withLock(\.self)
    }
}

extension LogBase {
    /// Nil when no log is kept: no piece is stored, or the database's log is another one than that of the last piece, as where it was stored
    /// once and is no more.
    init?(behind piece: LogPiece?, moment: Int64, end: LogPosition?) {
        guard let piece, let end, piece.after.salts == end.salts else { return nil }
        self.init(piece.name.generation, piece: piece.name.number, moment: moment, salts: end.salts, frame: end.frame)
    }
}
