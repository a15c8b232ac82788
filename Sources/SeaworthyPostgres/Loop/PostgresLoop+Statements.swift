import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// How one statement goes to a connection.
extension PostgresLoop {
    static let savepoint = PostgresConnection.Command.text("SAVEPOINT seaworthy")
    static let release = PostgresConnection.Command.text("RELEASE SAVEPOINT seaworthy")
    static let undo = [PostgresConnection.Command.text("ROLLBACK TO SAVEPOINT seaworthy"), release]

    /// Sends a statement with everything that it needs: the text is prepared once for each connection, and the types of its parameters are
    /// asked for once.
    ///
    /// - Parameters:
    ///   - rows: the parameters, once for each time that it is to run.
    ///   - prefix: what goes before it, once.
    ///   - setting: what sets the transaction that it runs in, where that is its own.
    ///   - isWanted: whether somebody still waits for it; asked before it runs, when its parameters were asked for first.
    ///   - isGuarded: whether it is put into a savepoint, so that ``undo`` takes it back alone.
    /// - Throws: ``StorageError`` when nothing was sent; `disconnected` when the connection is of no use any more.
    func send(
        _ sql: SQLText, rows: [ArraySlice<Value>], prefix: [PostgresConnection.Command] = [],
        setting: [PostgresConnection.Command] = [], isGuarded: Bool = false, isWanted: @escaping () -> Bool = { true },
        on connection: PostgresConnection, receive: @escaping (PostgresResult) throws -> Void,
        complete: @escaping (PostgresConnection.Outcome) -> Void
    ) throws(StorageError) {
        func guarded(_ commands: [PostgresConnection.Command]) -> [PostgresConnection.Command] {
            prefix + (isGuarded ? [Self.savepoint] + commands + [Self.release] : commands)
        }
        guard let types = known[sql]?.types else {
            connection.forget(sql)
            let (_, preparation) = try connection.preparation(of: sql, types: nil, at: now)
            return try connection.send(guarded(preparation), at: now) { [unowned self, unowned connection] outcome in
                guard outcome.error == nil, known[sql] != nil, isWanted() else { return complete(outcome) }
                do throws(StorageError) {
                    try send(
                        sql, rows: rows, setting: setting, isGuarded: isGuarded, isWanted: isWanted, on: connection, receive: receive
                    ) { following in
                        var following = following
                        following.hasBegun = following.hasBegun || outcome.hasBegun
                        complete(following)
                    }
                } catch {
                    var outcome = outcome
                    outcome.error = error
                    outcome.isUnsent = true
                    complete(outcome)
                }
            }
        }
        var blocks: [ParameterBlock] = []
        for row in rows { blocks.append(try ParameterBlock(row, types: types)) }
        let (name, preparation) = try connection.preparation(of: sql, types: types, at: now)
        try connection.send(
            setting + guarded(preparation + blocks.map { .execute(name: name, $0) }), at: now, receive: receive, complete: complete)
    }
}
