/// Applies the pieces behind a backup to the file that was restored from it.
struct LogReplay: Sendable {
    let store: LogStore
    let base: LogBase
    let start: LogPieceName
    let pieces: [LogPieceName]

    /// Reads every piece, and writes their pages into the file unless what they make of it would be no state that was.
    ///
    /// - Parameter path: the database, which nobody has open, with no log beside it.
    func apply(to path: String) async throws -> ReachedMoment {
        guard try await coversBase() else { return ReachedMoment(moment: base.moment) }
        let file = try FolderStore.wrapping { try OpenFile(changing: path) }
        let head = try FolderStore.wrapping { try file.read(100, at: 0) }
        // <https://sqlite.org/fileformat2.html#the_database_header>: 1 stands for 65,536.
        let size = head.count == 100 ? Int(head.bigEndian(UInt16.self, at: 16)) : 0
        let pageBytes = size == 1 ? 65_536 : size
        var position = try await store.read(start).after
        var moment = base.moment
        for name in pieces {
            try Task.checkCancellation()
            let piece = try await store.read(name)
            try requireNext(piece, position)
            guard piece.pageBytes == pageBytes else {
                throw BackupError(
                    .differs, "\(name) has pages of \(piece.pageBytes) bytes, and the backup of \(pageBytes)", fix: LogPiece.fix)
            }
            try FolderStore.wrapping { try write(piece, into: file) }
            position = piece.after
            if name.endsCommit { moment = name.time }
        }
        try FolderStore.wrapping { try file.synchronize() }
        return ReachedMoment(pieces: pieces.count, moment: moment)
    }

    /// Whether the pieces reach the end of what the snapshot saw. Where they do not, all that they hold is in the backup already.
    private func coversBase() async throws -> Bool {
        guard !pieces.isEmpty else { return false }
        var position = try await store.read(start).after
        if base.isCovered(by: position) { return true }
        for name in pieces {
            let piece = try await store.read(name)
            try requireNext(piece, position)
            position = piece.after
            if base.isCovered(by: position) { return true }
        }
        return false
    }

    private func requireNext(_ piece: LogPiece, _ position: LogPosition) throws(BackupError) {
        guard piece.before == position else {
            throw BackupError(
                .outOfOrder, "\(piece.name) does not begin where the piece before it ended: it is of another history of the database",
                fix: LogPiece.fix)
        }
    }

    private func write(_ piece: LogPiece, into file: OpenFile) throws(OpenFile.Failure) {
        for page in piece.pages where piece.databasePages == 0 || page.number <= piece.databasePages {
            try file.write(page.bytes, at: (Int(page.number) - 1) * piece.pageBytes)
        }
        if piece.databasePages > 0 { try file.resize(to: Int(piece.databasePages) * piece.pageBytes) }
    }
}
