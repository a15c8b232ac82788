import Crypto
import FoundationEssentials
package import Logging
package import Metrics
import SeaworthySchema
import SeaworthyStorage
import Synchronization

/// The backups of one database in one place: made, listed, verified by restoring them, restored, and thinned out.
package struct Backups: Sendable {
    let store: any BackupStore
    let engine: any BackupEngine
    let keys: BackupKeys?
    let retention: BackupRetention
    private let version: String
    private let scratchRoot: String
    let logger: Logger
    let metrics: BackupMetrics
    let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - keys: nil leaves backups unencrypted.
    ///   - version: of the application server, for manifests.
    ///   - scratchRoot: where folders for temporary files are made.
    ///   - metrics: where what is measured goes.
    ///   - now: microseconds since the epoch.
    package init(
        store: any BackupStore, engine: any BackupEngine, keys: BackupKeys?, retention: BackupRetention, version: String,
        scratchRoot: String, logger: Logger, metrics: any MetricsFactory = MetricsSystem.factory, now: @escaping @Sendable () -> Int64
    ) {
        self.metrics = BackupMetrics(metrics)
        self.store = store
        self.engine = engine
        self.keys = keys
        self.retention = retention
        self.version = version
        self.scratchRoot = scratchRoot
        self.logger = logger
        self.now = now
    }

    /// Whether the place of the backups is there and lets us in, for health.
    ///
    /// - Throws: ``BackupError`` `storeFailed`.
    package func probe() async throws { try await store.probe() }

    private var scratch: @Sendable () throws -> ScratchFolder {
        { [scratchRoot] in try ScratchFolder(in: scratchRoot) }
    }

    // MARK: Create

    /// Makes a backup of the database as it is now, while it is used.
    ///
    /// - Throws: ``BackupError`` `busy` when another process makes one.
    package func create() async throws -> BackupManifest {
        try await counting("create") {
            try await WorkThread.run {
                guard let manifest = try await engine.exclusively({ try await make() }) else {
                    throw BackupError(
                        .busy, "another process backs up «\(engine.database)» just now", fix: "wait until it is done: seaworthy backup list"
                    )
                }
                return manifest
            }
        }
    }

    /// Makes a backup unless there is one since the given time; nil when there is, or when another process makes one.
    package func create(unlessSince time: Int64) async throws -> BackupManifest? {
        try await counting("create") {
            try await WorkThread.run {
                try await engine.exclusively {
                    // Another node may have made it while this one waited.
                    if let newest = try await newest(), newest.manifest.time >= time { return nil }
                    return try await make()
                } ?? nil
            }
        }
    }

    private func make() async throws -> BackupManifest {
        let start = now()
        try await removeLeftovers()
        let id = BackupName.make(engine.database, time: start)
        let writer = try await store.create(id + BackupName.dataSuffix)
        do {
            let output = BackupOutput(writer, key: keys?.all.first)
            // Before the snapshot: what is stored by now is in it.
            let stored = try await lastPiece()
            let moment = Atomic(start)
            let dumped = try await engine.dump(
                scratch: scratch, onSnapshot: { moment.store(now(), ordering: .relaxed) }, write: { try await output.write($0) })
            let digest = try await output.end()
            try await writer.finish()
            let header = await output.header
            let derived = await output.keys
            let manifest = BackupManifest(
                id: id, time: start, duration: Int((now() - start) / 1000), version: version, kind: engine.kind,
                database: engine.database, databaseVersion: dumped.version, properties: dumped.properties, schemaHash: dumped.schemaHash,
                migration: dumped.migration, contents: dumped.contents.keyed(derived?.contents), isEncrypted: derived != nil,
                salt: header.salt.hexadecimal, keyCheck: header.keyCheck.hexadecimal, storedBytes: await output.storedBytes,
                plainBytes: await output.plainBytes, digest: digest,
                log: LogBase(behind: stored, moment: moment.load(ordering: .relaxed), end: dumped.logEnd))
            // From here on there is a backup: what has no manifest is none.
            try await store.write(id + BackupName.manifestSuffix, manifest.sealed(derived))
            metrics.succeeded(manifest)
            logger.info(
                "backup made",
                metadata: [
                    "backup": "\(id)", "bytes": "\(manifest.storedBytes)", "rows": "\(manifest.contents.rows)",
                    "milliseconds": "\(manifest.duration)", "place": "\(store.place)",
                ])
            return manifest
        } catch {
            await writer.abandon()
            try? await store.remove(id + BackupName.dataSuffix)
            throw error
        }
    }

    /// Takes away what killed processes left: data without a manifest, and marks without a backup. Only while nobody makes a backup.
    private func removeLeftovers() async throws {
        let prefix = BackupName.prefix(of: engine.database)
        var removed = try await store.removeUnfinished(prefix: prefix)
        let names = try await store.list(prefix: prefix).map(\.name)
        let whole = Set(names.compactMap { $0.removingSuffix(BackupName.manifestSuffix) })
        for name in names {
            let id = name.removingSuffix(BackupName.dataSuffix) ?? name.removingSuffix(BackupName.verifiedSuffix)
            guard let id, BackupName.isValid(id), !whole.contains(id) else { continue }
            try await store.remove(name)
            removed.append(name)
        }
        for name in removed { logger.warning("unfinished backup removed", metadata: ["what": "\(name)"]) }
    }

    // MARK: Verify

    /// Restores a backup beside the database, compares every table with the manifest, and marks it as verified. Then goes on from it with
    /// every piece of the log behind it, and checks the pages of what comes of that.
    ///
    /// - Parameter id: nil for the newest.
    /// - Throws: ``BackupError`` that says what is wrong with it, or with its log.
    package func verify(_ id: String?) async throws -> Verification {
        try await counting("verify") {
            try await WorkThread.run {
                let start = now()
                let (manifest, derived) = try await manifest(id)
                let walk = try await walk(behind: manifest)
                let reader = try await store.open(manifest.id + BackupName.dataSuffix)
                let input = BackupInput(reader, manifest: manifest, keys: keys)
                let rehearsed: RehearsedDatabase
                do {
                    rehearsed = try await engine.rehearse(
                        manifest, scratch: scratch, read: { try await input.next() }, replay: walk?.body)
                    // A restore may be content before the last bytes were looked at.
                    while try await input.next() != nil {}
                    await reader.close()
                    try accept(rehearsed.contents, of: manifest, derived, comparesStructure: try await comparesStructure(manifest))
                } catch {
                    await reader.close()
                    throw error
                }
                let end = now()
                let mark = VerificationMark(id: manifest.id, time: end, duration: Int((end - start) / 1000))
                try await store.write(manifest.id + BackupName.verifiedSuffix, mark.sealed(derived))
                metrics.verified(at: end)
                // The backup is sound, whatever is behind it.
                if let failure = rehearsed.replayFailure { throw failure }
                let reached = try walk?.finish()
                var metadata: Logger.Metadata = [
                    "backup": "\(manifest.id)", "tables": "\(manifest.contents.tables.count)", "rows": "\(manifest.contents.rows)",
                    "milliseconds": "\(mark.duration)", "ageSeconds": "\((end - manifest.time) / 1_000_000)",
                ]
                if let reached { metadata["logUntil"] = "\(TimeLabel.precise(reached.moment))" }
                logger.info("backup verified", metadata: metadata)
                return Verification(manifest: manifest, milliseconds: mark.duration, reached: reached)
            }
        }
    }

    private func comparesStructure(_ manifest: BackupManifest) async throws -> Bool {
        try await engine.comparesStructure(with: manifest.databaseVersion)
    }

    private func accept(
        _ contents: DatabaseContents, of manifest: BackupManifest, _ derived: DerivedKeys?, comparesStructure: Bool
    ) throws(BackupError) {
        let differences = contents.keyed(derived?.contents).differences(from: manifest.contents, comparesStructure: comparesStructure)
        guard differences.isEmpty else {
            throw BackupError(
                .differs, "what \(manifest.id) restores is not what was backed up: \(differences.joined(separator: "; "))",
                fix: "restore another backup, and make a new one now")
        }
    }

    // MARK: Restore

    /// Brings a backup into the database's place, or a state after it.
    ///
    /// - Parameters:
    ///   - id: nil for the newest.
    ///   - moment: how far the log behind the backup is applied; nil for the backup alone. Without `id` it is the newest backup of before.
    ///   - compares: whether every table of the backup is compared with the manifest first.
    package func restore(
        _ id: String?, moment: RestoreMoment? = nil, options: RestoreOptions, compares: Bool
    ) async throws -> Restoration {
        try await WorkThread.run {
            let start = now()
            let walk = if let moment { try await walk(to: moment, from: id) } else { nil as LogWalk? }
            let (manifest, derived) = try await manifest(walk?.base ?? id)
            let reader = try await store.open(manifest.id + BackupName.dataSuffix)
            let input = BackupInput(reader, manifest: manifest, keys: keys)
            var options = options
            options.replay = walk?.body
            options.label = TimeLabel.compact(start)
            options.scratchRoot = scratchRoot
            do {
                let comparesStructure = compares ? try await comparesStructure(manifest) : false
                let accept: @Sendable (DatabaseContents) throws -> Void = {
                    try self.accept($0, of: manifest, derived, comparesStructure: comparesStructure)
                }
                let outcome = try await engine.restore(
                    manifest, options: options, read: { try await input.next() }, accept: compares ? accept : nil)
                await reader.close()
                let result = Restoration(
                    manifest: manifest, reached: try walk?.finish(), kept: outcome.kept, milliseconds: Int((now() - start) / 1000),
                    compareMilliseconds: outcome.compareMilliseconds, isCompared: compares)
                logger.info(
                    "backup restored",
                    metadata: ["backup": "\(manifest.id)", "rows": "\(manifest.contents.rows)", "milliseconds": "\(result.milliseconds)"])
                return result
            } catch {
                await reader.close()
                throw error
            }
        }
    }

    // MARK: Prune

    /// Takes away the backups of this database that its retention does not keep, the oldest first, and the pieces of the log that no
    /// backup needs any more.
    ///
    /// - Parameter isRehearsal: only tells which.
    package func prune(isRehearsal: Bool = false) async throws -> Pruning {
        try await counting("prune") {
            try await WorkThread.run {
                // One that is damaged, or not of these keys, neither counts in place of another nor is it taken away.
                let all = try await list().filter { $0.manifest?.database == engine.database && $0.manifest?.kind == engine.kind }
                let points = all.compactMap { backup -> BackupRetention.Point? in
                    guard backup.isSound, let manifest = backup.manifest else { return nil }
                    return BackupRetention.Point(id: manifest.id, time: manifest.time, isVerified: backup.verified != nil)
                }
                let removable = retention.removable(of: points, now: now())
                let kept = all.filter { !removable.contains($0.id) }
                let pieces = try await removablePieces(behind: kept.compactMap(\.manifest))
                let pruning = Pruning(backups: removable, pieces: pieces.count)
                guard !isRehearsal else { return pruning }
                for id in removable {
                    // The manifest first: without it there is no backup, whatever happens next.
                    for suffix in [BackupName.manifestSuffix, BackupName.verifiedSuffix, BackupName.dataSuffix] {
                        try await store.remove(id + suffix)
                    }
                    logger.info("backup removed", metadata: ["backup": "\(id)"])
                }
                // The oldest first: a backup whose first piece is gone has no log, and not one with a gap, should this be killed.
                for name in pieces { try await store.remove(name.description) }
                if !pieces.isEmpty { logger.info("log shortened", metadata: ["pieces": "\(pieces.count)"]) }
                return pruning
            }
        }
    }

    private func counting<Result: Sendable>(_ operation: String, _ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as CancellationError {
            throw error
        } catch {
            metrics.failed(operation)
            throw error
        }
    }
}

extension String {
    /// Without the suffix; nil when it does not end so.
    func removingSuffix(_ suffix: String) -> String? {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : nil
    }
}
