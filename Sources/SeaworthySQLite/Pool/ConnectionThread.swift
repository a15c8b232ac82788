import CSQLite
import SeaworthyStorage

/// A thread that opens a connection, serves a queue with it, and closes it when the queue ends.
enum ConnectionThread {
    /// - Parameters:
    ///   - name: at most 15 bytes, what Linux shows of it.
    ///   - commits: counts the commits of write transactions.
    ///   - watch: told of its statements.
    ///   - exit: called on the thread after the connection was closed; not when it could not be opened.
    static func start(
        named name: String, serving queue: WorkQueue, role: SQLiteConnection.Role, path: String, settings: SQLiteSettings,
        commits: CommitCounter, watch: StatementWatch, exit: @escaping @Sendable () -> Void
    ) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            do {
                try startThread {
                    _ = seaworthy_sqlite_name_thread(name)
                    let connection: SQLiteConnection
                    do {
                        connection = try SQLiteConnection(path: path, role: role, settings: settings, commits: commits)
                    } catch {
                        return continuation.resume(throwing: error)
                    }
                    connection.watch = watch
                    continuation.resume()
                    serve(queue, with: connection)
                    connection.close()
                    exit()
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    private static func serve(_ queue: WorkQueue, with connection: SQLiteConnection) {
        var finished = false
        while let job = nextJob(of: queue, for: connection, finished: finished) {
            job.run(on: connection)
            connection.failLostGroup()
            connection.leaveNoTransaction()
            finished = true
        }
    }

    private static func nextJob(of queue: WorkQueue, for connection: SQLiteConnection, finished: Bool) -> Job? {
        if connection.hasGroup {
            if !connection.isCommitDue, let job = queue.nextWaiting() { return job }
            connection.commitGroup()
        }
        guard case .job(let job) = queue.next(finished: finished) else { return nil }
        return job
    }
}
