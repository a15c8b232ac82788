import Logging
import SeaworthyStorage

extension LogShipper {
    /// SQLite's log is beside the file itself, also where the path is a link to it.
    var walPath: String { "\(Files.resolved(path))-wal" }

    func continuation(of chain: LogChain, in file: LogFile?) throws -> LogChain.Continuation {
        let frame = try file.flatMap { try $0.checksum(ofFrame: chain.position.frame) }
        return chain.continuation(in: file?.header, frame: frame)
    }

    /// Stores everything that is committed by now, as one piece or several.
    ///
    /// - Throws: what the place refuses with; what is not stored is tried again with the next call.
    func ship() async throws {
        guard case .following = state else { return }
        try await storePending()
        guard let work = try readable() else { return }
        // Read after the log, so that no commit in the pieces is later.
        let time = backups.now()
        var start = work.start
        while start != work.end {
            guard case .following(let chain) = state else { return }
            guard chain.number < LogPieceName.maximumNumber else { return lose("it has as many pieces as names can count") }
            guard let images = try work.file.images(from: start, to: work.end, imageBytes: settings.imageBytes) else {
                return lose("frames that were committed are no longer in the log")
            }
            pending = LogPiece(
                name: LogPieceName(
                    store.prefix, chain.generation, number: chain.number + 1, time: time, endsCommit: images.databasePages > 0),
                pageBytes: work.file.header.pageBytes, databasePages: images.databasePages, before: chain.position, after: images.end,
                pages: images.pages.sorted { $0.key < $1.key }.map { LogPiece.Page(number: $0.key, bytes: $0.value) })
            try await storePending()
            start = images.end
        }
    }

    private func storePending() async throws {
        guard let piece = pending else { return }
        let bytes = try await store.write(piece)
        // A chain that was lost meanwhile has no use for it.
        guard case .following(var chain) = state, pending?.name == piece.name else { return }
        chain.advance(to: piece.after)
        state = .following(chain)
        pending = nil
        backups.metrics.logStored(bytes: bytes, at: piece.name.time)
        logger.debug("log stored", metadata: ["piece": "\(piece.name)", "pages": "\(piece.pages.count)", "bytes": "\(bytes)"])
    }

    /// What is committed and not stored; nil when there is nothing, or the chain is at its end.
    private func readable() throws -> (file: LogFile, start: LogPosition, end: LogPosition)? {
        guard case .following(let chain) = state else { return nil }
        let file = try LogFile(walPath)
        let start: LogPosition
        switch try continuation(of: chain, in: file) {
        case .goesOn: start = chain.position
        case .begunAnew(let position): start = position
        case .broken(let reason):
            lose(reason)
            return nil
        }
        guard let file, let end = try file.committedEnd(from: start) else { return nil }
        return (file, start, end)
    }

    /// Stores everything that is committed by now.
    ///
    /// - Returns: false when it takes longer; it then goes on by itself.
    func ship(within limit: Duration) async throws -> Bool {
        let deadline = Deadline(after: limit)
        while true {
            if late == nil {
                if pending == nil, try readable() == nil { return true }
                let isDone = Latch()
                let task = Task {
                    defer { isDone.open() }
                    try await ship()
                }
                late = (task, isDone)
            }
            guard let late else { continue }
            while !late.isDone.isOpen {
                if deadline.isPast { return false }
                try await Task.sleep(for: .milliseconds(2))
            }
            self.late = nil
            try await late.task.value
        }
    }

    /// Renews the read transaction when there is a later commit than it sees: while the old one holds, nobody can have copied that one, so that
    /// the new one holds too.
    func renewHold() throws {
        guard case .following(let chain) = state else { return }
        if let held, held.salts == chain.position.salts, held.frame >= chain.position.frame { return }
        try hold.renew()
        let file = try LogFile(walPath)
        held =
            try file.flatMap { $0.header.salts == chain.position.salts ? try $0.committedEnd(from: chain.position) : nil } ?? chain.position
    }
}
