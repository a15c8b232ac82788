/// The pieces of one database's log, in the place where its backups are.
struct LogStore: Sendable {
    let store: any BackupStore
    /// What the names of its pieces begin with.
    let prefix: String
    let keys: BackupKeys?

    func list() async throws -> LogList {
        LogList(try await store.list(prefix: prefix), prefix: prefix)
    }

    /// - Returns: how many bytes it takes.
    func write(_ piece: LogPiece) async throws -> Int {
        let bytes = try piece.sealed(keys)
        try await store.write(piece.name.description, bytes)
        return bytes.count
    }

    func read(_ name: LogPieceName) async throws -> LogPiece {
        guard let bytes = try await store.read(name.description, maximumBytes: LogPiece.maximumBytes) else {
            throw BackupError(.outOfOrder, "\(name) is missing in \(store.place)", fix: LogPiece.fix)
        }
        return try LogPiece(bytes, name: name, keys: keys)
    }
}
