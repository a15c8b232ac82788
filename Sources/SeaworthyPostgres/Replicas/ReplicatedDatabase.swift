package import SeaworthySQL
import SeaworthySchema
package import SeaworthyStorage
import Synchronization

/// A PostgreSQL database with replicas that answer reads.
///
/// A read goes to a replica where its request allows it (``ReadConsistency``) and one will do (``ReplicaSelection``), otherwise to the
/// primary, as do all writes. A replica that fails a read is left out until it answers again, and the read goes to the primary.
package final class ReplicatedDatabase: Database {
    private let primary: PostgresDatabase
    private let copies: [PostgresDatabase]
    private let interval: Duration
    private let selection: Mutex<ReplicaSelection>
    private let watching = Mutex<[Task<Void, Never>]>([])

    private init(_ primary: PostgresDatabase, _ replicas: [PostgresDatabase], _ settings: ReplicaSelection.Settings) {
        self.primary = primary
        copies = replicas
        interval = settings.interval
        selection = Mutex(ReplicaSelection(count: replicas.count, settings))
    }

    deinit {
        for task in watching.withLock({ $0 }) { task.cancel() }
    }

    /// Opens the primary, which has to be there, and the replicas, which may come later.
    ///
    /// - Parameter replicas: a connection text each, and each for one server: what it says of itself is taken for all connections.
    package static func open(
        _ settings: PostgresSettings, replicas: [String], selection: ReplicaSelection.Settings = ReplicaSelection.Settings()
    ) async throws -> ReplicatedDatabase {
        var settings = settings
        settings.tracksPosition = true
        let primary = try await PostgresDatabase.open(settings)
        var opened: [PostgresDatabase] = []
        do {
            for (index, connection) in replicas.enumerated() {
                var replica = settings
                replica.connection = connection
                replica.tracksPosition = false
                replica.poolName = "replica-\(index + 1)"
                opened.append(try PostgresDatabase.start(replica))
            }
        } catch {
            for database in [primary] + opened { await database.close() }
            throw error
        }
        let database = ReplicatedDatabase(primary, opened, selection)
        database.watch()
        return database
    }

    // MARK: Database

    package func query<Reader: RowReader>(_ statement: Statement, into reader: Reader) async throws -> Reader.Output {
        try await reading { try await $0.query(statement, into: reader) }
    }

    package func transaction<Result: Sendable>(
        _ mode: TransactionMode, _ body: @Sendable (any DatabaseTransaction) async throws -> Result
    ) async throws -> Result {
        guard mode == .read else { return try await primary.transaction(mode, body) }
        return try await reading { try await $0.transaction(.read, body) }
    }

    package func session<Result: Sendable>(_ body: @Sendable (any DatabaseSession) async throws -> Result) async throws -> Result {
        try await primary.session(body)
    }

    /// The primary answers: without it nothing can be written, and a read that has to see what was just written has nobody to ask.
    package func probe() async throws {
        try await primary.probe()
    }

    package var replicas: [ReplicaCondition] {
        let now = Deadline.now.nanoseconds
        return selection.withLock { $0.conditions(at: now) }.enumerated().map { index, condition in
            ReplicaCondition(name: "replica-\(index + 1)", lag: condition.lag, isUsed: condition.isUsed)
        }
    }

    package func close() async {
        for task in watching.withLock({ $0 }) { task.cancel() }
        for database in copies + [primary] { await database.close() }
    }

    /// The primary's, then each replica's.
    package var statistics: [ConnectionPoolStatistics] { ([primary] + copies).map(\.statistics) }

    // MARK: Reading

    private func reading<Result>(_ body: (PostgresDatabase) async throws -> Result) async throws -> Result {
        guard let consistency = ReadConsistency.current, consistency.allowsReplicas else { return try await body(primary) }
        let now = Deadline.now.nanoseconds
        guard let index = selection.withLock({ $0.choose(position: consistency.position, at: now) }) else { return try await body(primary) }
        do {
            return try await body(copies[index])
        } catch let error as StorageError where Self.isReplicas(error) {
            selection.withLock { $0.replica(index, hasReplayed: nil, at: now) }
            return try await body(primary)
        }
    }

    /// Whether the error is the replica's, and says nothing of the statement. A conflict with what it replays is told as one of
    /// serialization.
    private static func isReplicas(_ error: StorageError) -> Bool {
        [.disconnected, .poolTimeout, .queueFull, .serializationFailure].contains(error.code)
    }

    // MARK: Watching

    private static let question = SQLText(
        """
        SELECT pg_is_in_recovery(),
            (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END - '0/0')::bigint
        """)

    private func watch() {
        let interval = interval
        watching.withLock { watching in
            watching = ([primary] + copies).enumerated().map { number, server in
                Task { [weak self] in
                    while !Task.isCancelled {
                        let rows = try? await server.query(Statement(Self.question), into: ValueRows())
                        self?.heard(number, rows?.first)
                        if (try? await Task.sleep(for: interval)) == nil { return }
                    }
                }
            }
        }
    }

    /// - Parameter row: whether the server is a replica, and where it is; nil when it does not answer.
    private func heard(_ number: Int, _ row: [Value]?) {
        var position: UInt64?
        // A replica that became a primary gets nothing more from ours.
        if let row, row.count == 2, row[0] == .integer(number == 0 ? 0 : 1), case .integer(let place) = row[1] {
            position = UInt64(exactly: place)
        }
        let now = Deadline.now.nanoseconds
        selection.withLock { selection in
            if number > 0 {
                selection.replica(number - 1, hasReplayed: position, at: now)
            } else if let position {
                selection.primary(isAt: position, at: now)
            }
        }
    }
}
