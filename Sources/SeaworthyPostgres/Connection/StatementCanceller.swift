import CPostgreSQL
import SeaworthyStorage
import Synchronization

/// Tells a server to end what it works at for one connection.
///
/// On a thread of its own, because either way connects and waits; one at a time, because a server that hangs keeps the thread.
/// libpq 15 sends its word for this in clear text even where the connection is encrypted, and who reads it could end statements from then
/// on. So an encrypted connection is told by a statement over a second one, which names the session by number and start.
final class StatementCanceller: Sendable {
    private enum Way: Sendable {
        case word(CancelHandle)
        case statement(processID: Int32, startedAt: String, PostgresSettings)
        case none
    }

    private let way: Way
    private let isSending = Atomic<Bool>(false)

    init(_ opened: OpenedConnection, _ settings: PostgresSettings) {
        if let startedAt = opened.startedAt {
            way = .statement(processID: PQbackendPID(opened.handle), startedAt: startedAt, settings)
        } else {
            way = PQgetCancel(opened.handle).map { .word(CancelHandle($0)) } ?? .none
        }
    }

    func send() {
        guard isSending.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged else { return }
        do throws(StorageError) {
            try startThread { [self] in
                _ = seaworthy_postgres_name_thread("postgres-cancel")
                tell()
                isSending.store(false, ordering: .releasing)
            }
        } catch {
            // It is told again as long as it goes on.
            isSending.store(false, ordering: .releasing)
        }
    }

    private func tell() {
        switch way {
        case .none: break
        case .word(let handle): handle.send()
        case .statement(let processID, let startedAt, let settings):
            // When there is no connection to be had the server's own time limit ends the statement.
            guard let second = try? OpenedConnection(settings, purpose: .statements) else { return }
            second.run(
                "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = $1::int AND backend_start = $2::timestamptz",
                [String(processID), startedAt])
            second.close()
        }
    }
}

/// libpq's word to the server.
// @unchecked Sendable: libpq's cancel handle is a copy of its own, made to be used by any one thread at a time.
private final class CancelHandle: @unchecked Sendable {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        PQfreeCancel(handle)
    }

    func send() {
        var message = [CChar](repeating: 0, count: 256)
        _ = PQcancel(handle, &message, Int32(message.count))
    }
}
