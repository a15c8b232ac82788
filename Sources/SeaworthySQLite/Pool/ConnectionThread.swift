import SeaworthyStorage

/// A thread that opens a connection, serves a queue with it, and closes it when the queue ends.
enum ConnectionThread {
    /// - Parameter exit: called on the thread after the connection was closed; not when it could not be opened.
    static func start(
        named name: String, serving queue: WorkQueue, role: SQLiteConnection.Role, path: String, settings: SQLiteSettings,
        exit: @escaping @Sendable () -> Void
    ) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            do {
                try startThread(named: name) {
                    let connection: SQLiteConnection
                    do {
                        connection = try SQLiteConnection(path: path, role: role, settings: settings)
                    } catch {
                        return continuation.resume(throwing: error)
                    }
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
        while case .job(let job) = queue.next(finished: finished) {
            job.run(on: connection)
            connection.takeLease()?.serve(with: connection)
            connection.leaveNoTransaction()
            finished = true
        }
    }
}
