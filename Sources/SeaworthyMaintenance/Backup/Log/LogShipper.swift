import FoundationEssentials
package import Logging
package import SeaworthyStorage

/// Stores what is committed to a SQLite database beside its backups, piece by piece, while it is written to.
///
/// It reads the write-ahead log, and sees to it that nobody begins that anew before it is read; so it is also the one that copies the log into the
/// database. docs/decisions/0040-sqlite-log.md.
package actor LogShipper {
    enum State: Sendable {
        /// Another process does it.
        case waiting
        /// The log is held; whether it goes on from what is stored is still to be seen.
        case held
        case following(LogChain)
        /// A new chain has to begin.
        case broken
    }

    let path: String
    let backups: Backups
    let store: LogStore
    let hold: any LogHold
    let settings: LogShippingSettings
    let logger: Logger
    var database: (any Database)?
    var state = State.waiting
    /// A piece that is read and not yet stored.
    var pending: LogPiece?
    /// The newest commit that the read transaction may have seen. It is renewed only when there is a later one.
    var held: LogPosition?
    /// What goes on storing although nobody waits for it any more.
    var late: (task: Task<Void, any Error>, isDone: Latch)?
    private var lock: OpenFile?
    private var failures = 0
    private var next = Deadline(nanoseconds: 0)
    /// The chain has no backup to begin with yet.
    private var needsBase = false
    private var base: Task<Void, Never>?
    private var nextBase = Deadline(nanoseconds: 0)

    /// - Parameters:
    ///   - path: the database's file.
    ///   - backups: where pieces go, and what makes the backup that a chain begins with.
    package init(path: String, backups: Backups, hold: any LogHold, settings: LogShippingSettings, logger: Logger) {
        self.path = path
        self.backups = backups
        self.hold = hold
        self.settings = settings
        self.logger = logger
        store = backups.pieces(of: Files.name(of: path))
    }

    /// Whoever has this file locked stores the log.
    private var lockPath: String { "\(path).log-lock" }

    // MARK: Life

    /// Takes hold of the log, before anybody else of this process writes. Does not need the place for backups, and never fails the start.
    package func begin(_ database: any Database) async {
        self.database = database
        do {
            _ = try OpenFile(locking: lockPath)
        } catch {
            logger.error("the log is not stored", metadata: ["error": "\(error)"])
        }
        if await !takeOver() {
            logger.info("another process keeps the log of the database, and this one waits to take over", metadata: ["database": "\(path)"])
        }
    }

    /// Ships until the task is cancelled.
    package nonisolated func run() async {
        // Files are read and written, which blocks.
        try? await WorkThread.run { await follow() }
    }

    private func follow() async {
        while !Task.isCancelled {
            if case .waiting = state { _ = await takeOver() }
            if case .waiting = state {} else if isDue() { await turn() }
            try? await Task.sleep(for: settings.pulse)
        }
    }

    /// Stores what was committed until now, when nobody writes any more, within a time; then lets go.
    package func end() async {
        base?.cancel()
        await base?.value
        if case .waiting = state {
        } else {
            do {
                if try await !ship(within: settings.endWait) { logger.warning("the end of the log is not stored: there was no time left") }
            } catch {
                logger.warning("the end of the log is not stored", metadata: ["error": "\(error)"])
            }
        }
        late?.task.cancel()
        hold.close()
        lock = nil
    }

    /// Takes the log over unless another process has it.
    private func takeOver() async -> Bool {
        if lock == nil {
            guard let file = try? OpenFile(locking: lockPath), file.tryLock() else { return false }
            lock = file
        }
        state = .held
        do {
            try await grip()
        } catch {
            // Then it is found out later whether something was missed.
            logger.warning("the log is not held", metadata: ["error": "\(error)"])
        }
        return true
    }

    private func isDue() -> Bool {
        if next.isPast { return true }
        guard failures == 0, case .following(let chain) = state, let file = try? LogFile(walPath) else { return false }
        let start = file.header.salts == chain.position.salts ? chain.position.frame : 0
        return (try? file.checksum(ofFrame: start + settings.growthFrames)) ?? nil != nil
    }

    /// Stores what was committed, and copies the log into the database when it is long.
    func turn() async {
        do {
            if let late {
                self.late = nil
                try await late.task.value
            }
            try await findChain()
            try await ship()
            // What was lost begins anew at once.
            try await findChain()
            try renewHold()
            try await shortenUnlessBusy()
            // Until the log that was begun anew has its first piece, a kill would leave it without the proof that it follows.
            try await ship()
            if failures > 0 { logger.notice("the log is stored again") }
            failures = 0
            next = Deadline(after: settings.interval)
        } catch is CancellationError {
            return
        } catch {
            await failed(error)
        }
        makeBase()
    }

    /// What is stored is stored, whether the log can be copied just now or not.
    private func shortenUnlessBusy() async throws {
        do {
            try await shorten()
        } catch let error as StorageError {
            logger.notice("the log is not copied into the database yet", metadata: ["error": "\(error)"])
        } catch let error as BackupError where error.code == .busy {
            logger.notice("the log is not copied into the database yet", metadata: ["error": "\(error)"])
        }
    }

    private func failed(_ error: any Error) async {
        failures += 1
        backups.metrics.logFailed()
        let pause = min(settings.pause * (1 << min(failures - 1, 10)), settings.longestPause)
        next = Deadline(after: pause)
        logger.error(
            "the log is not stored",
            metadata: ["error": "\(error)", "failures": "\(failures)", "nextSeconds": "\(pause.components.seconds)"])
        do {
            if case .broken = state {
                try await letGo()
            } else if let file = try LogFile(walPath),
                try file.checksum(ofFrame: settings.maximumLogBytes / file.header.frameBytes) != nil
            {
                lose("the log has \(settings.maximumLogBytes) bytes, and the place for backups takes none of them")
                try await letGo()
            }
        } catch {
            logger.error("the log is not copied into the database", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Chains

    /// Sees to it that there is a chain: the stored one where the log goes on from it, otherwise a new one.
    private func findChain() async throws {
        if case .held = state { try await resume() }
        if case .broken = state { try await beginChain() }
    }

    private func resume() async throws {
        let list = try await store.list()
        guard let last = list.last else {
            state = .broken
            return
        }
        let piece: LogPiece
        do {
            piece = try await store.read(last)
        } catch let error as BackupError where error.code != .storeFailed {
            return lose("its last piece cannot be read: \(error.message)")
        }
        let chain = LogChain(last.generation, number: last.number, position: piece.after, pageBytes: piece.pageBytes)
        switch try continuation(of: chain, in: try LogFile(walPath)) {
        case .goesOn, .begunAnew:
            state = .following(chain)
            needsBase = try await !hasBase(chain.generation, list)
            logger.info(
                "log goes on", metadata: ["log": "\(chain.generation)", "piece": "\(chain.number)", "place": "\(store.store.place)"])
        case .broken(let reason): lose(reason)
        }
    }

    private func beginChain() async throws {
        let list = try await store.list()
        try await grip()
        guard let file = try LogFile(walPath), let end = try file.committedEnd(from: file.header.start) else {
            throw BackupError(.databaseFailed, "the database \(path) has no write-ahead log", fix: "check that it may be written")
        }
        let generation = LogGeneration.next(after: list.newestGeneration)
        let name = LogPieceName(store.prefix, generation, number: 0, time: backups.now(), endsCommit: false)
        let start = LogPiece(name: name, pageBytes: file.header.pageBytes, databasePages: 0, before: end, after: end, pages: [])
        _ = try await store.write(start)
        state = .following(LogChain(generation, number: 0, position: end, pageBytes: start.pageBytes))
        needsBase = true
        nextBase = .now
        logger.info("log begins", metadata: ["log": "\(generation)", "place": "\(store.store.place)"])
    }

    /// The chain is at its end: what is stored stays, and what comes belongs to a new one.
    func lose(_ reason: String) {
        logger.error(
            "the log has a gap: a new one begins, with a backup",
            metadata: ["database": "\(path)", "reason": "\(reason)"])
        backups.metrics.logFailed()
        state = .broken
        pending = nil
    }

    // MARK: Backups

    /// Whether there is a backup from which one can go on along this chain.
    private func hasBase(_ generation: LogGeneration, _ list: LogList) async throws -> Bool {
        backups.bases(of: backups.engine.database, in: try await backups.list()).contains { manifest in
            guard let log = manifest.log, log.generation == generation else { return false }
            return list.stretch(behind: log).start != nil
        }
    }

    var isWithoutBase: Bool { needsBase || base != nil }

    /// Makes the backup that a chain begins with, beside everything else.
    func makeBase() {
        guard needsBase, base == nil, nextBase.isPast, case .following(let chain) = state else { return }
        base = Task {
            var pause = settings.longestPause
            do {
                // The schedule may have made one meanwhile. One that was begun before the chain is none.
                if try await !hasBase(chain.generation, try await store.list()) { _ = try await backups.create() }
                needsBase = try await !hasBase(chain.generation, try await store.list())
            } catch let error as BackupError where error.code == .busy {
                pause = settings.pause
            } catch is CancellationError {
            } catch {
                logger.error("backup failed", metadata: ["error": "\(error)"])
            }
            base = nil
            nextBase = Deadline(after: pause)
        }
    }
}
