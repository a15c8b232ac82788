import Logging
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

extension LogShipper {
    /// Takes hold of the log: a commit that changes nothing is what there is to hold.
    func grip() async throws {
        guard let database else { return }
        // What there is is held, if it is not copied yet, so that the commit comes behind it.
        try hold.renew()
        try await database.transaction(.writeAlone) { try await Self.commitNothing($0) }
        try hold.renew()
        held = try LogFile(walPath).flatMap { try $0.committedEnd(from: $0.header.start) }
    }

    /// Writes the first page as it is. A number that belongs to applications keeps its value, and the log gets a frame.
    /// <https://sqlite.org/pragma.html#pragma_user_version>
    private static func commitNothing(_ transaction: any DatabaseTransaction) async throws {
        let rows = try await transaction.query(Statement("PRAGMA user_version"), into: ValueRows())
        guard case .integer(let version)? = rows.first?.first else { return }
        try await transaction.execute(Statement("PRAGMA user_version = \(version)"))
    }

    /// Copies the log into the database and begins it anew, once it is long and all of it is stored.
    func shorten() async throws {
        guard let database, case .following(let chain) = state, chain.position.frame >= settings.checkpointFrames else { return }
        // Most of the work, while others write.
        try hold.backfill()
        let start = Deadline.now.nanoseconds
        let isDone = try await database.session { try await self.restart($0) }
        let milliseconds = Int((Deadline.now.nanoseconds - start) / 1_000_000)
        logger.debug(
            "log copied into the database", metadata: ["writerHeldMilliseconds": "\(milliseconds)", "isDone": "\(isDone)"])
    }

    /// With the writer of this process: stores the rest, has the log copied, and makes the commit that begins it anew where no reader needs the
    /// old one any more.
    ///
    /// - Returns: false when the rest is not stored in time; then it is left for another time.
    private func restart(_ session: any DatabaseSession) async throws -> Bool {
        guard try await ship(within: settings.writerWait), case .following = state else { return false }
        hold.release()
        held = nil
        do {
            _ = try await session.query(Statement("PRAGMA wal_checkpoint(PASSIVE)"), into: ValueRows())
            try await session.transaction { transaction in
                // Now nobody at all can write: what another process did meanwhile is seen here.
                try await self.completeChain()
                try await Self.commitNothing(transaction)
            }
        } catch {
            try? hold.renew()
            throw error
        }
        try hold.renew()
        try noteRestart()
        return true
    }

    private func completeChain() async throws {
        guard try await ship(within: settings.writerWait), case .following(var chain) = state else {
            throw BackupError(
                .busy, "another process writes to the database just as its log is begun anew", fix: "nothing: it is tried again")
        }
        chain.complete()
        state = .following(chain)
    }

    private func noteRestart() throws {
        guard case .following(var chain) = state, let file = try LogFile(walPath) else { return }
        held = try file.committedEnd(from: file.header.start)
        // A reader needed the old log: it goes on, and others may write to it.
        if file.header.salts == chain.position.salts {
            chain.reopen()
            state = .following(chain)
        }
    }

    /// Without a chain: nobody stores the log, so that it is copied as SQLite itself would.
    func letGo() async throws {
        hold.release()
        held = nil
        guard let database, let file = try LogFile(walPath), try file.checksum(ofFrame: settings.checkpointFrames) != nil else { return }
        try await database.session { session in
            _ = try await session.query(Statement("PRAGMA wal_checkpoint(PASSIVE)"), into: ValueRows())
            try await session.transaction { try await Self.commitNothing($0) }
        }
    }
}
