import CPostgreSQL
import SeaworthyStorage

/// A server that hangs says nothing, and neither does one that works at a long statement. Whether it still takes connections tells them
/// apart, long before the limit of a statement is over.
extension PostgresLoop {
    /// When a server that was silent for long is asked next.
    var nextQuestion: UInt64? {
        guard !isAsking, let oldest = connections.values.compactMap(\.oldestStart).min() else { return nil }
        return max(oldest, askedAt) &+ settings.silenceTime.nanoseconds
    }

    func watchSilence() {
        guard let time = nextQuestion, now >= time else { return }
        isAsking = true
        askedAt = now
        let (settings, askedAt) = (settings, now)
        do throws(StorageError) {
            try startThread { [weak self] in
                _ = seaworthy_postgres_name_thread("postgres-ask")
                var isSilent = false
                do throws(StorageError) {
                    try OpenedConnection(settings, purpose: .statements).close()
                } catch {
                    // libpq's own words, in no other language. Whatever else it says is an answer, or ends the connections by itself.
                    isSilent = error.message.contains("timeout expired")
                }
                self?.submit(.asked(at: askedAt, isSilent: isSilent))
            }
        } catch {
            isAsking = false
        }
    }

    /// What was under way when the server was asked will have no answer.
    func take(asked time: UInt64, isSilent: Bool) {
        isAsking = false
        guard isSilent else { return }
        for connection in connections.values where connection.oldestStart.map({ $0 < time }) ?? false {
            lose(connection, StorageError(.disconnected, message: "the server does not answer any more"))
        }
    }
}
