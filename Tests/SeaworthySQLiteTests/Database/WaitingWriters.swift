import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Synchronization

@testable import SeaworthySQLite

/// Something that tasks wait for until it is opened.
final class Gate: Sendable {
    private let latch = Latch()

    func open() {
        latch.open()
    }

    func pass() async {
        await latch.wait()
    }
}

/// Something that happens once.
final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() {
        value.store(true, ordering: .relaxed)
    }
}

extension SQLiteDatabase {
    typealias Body = @Sendable (any DatabaseTransaction) async throws -> Void

    /// Starts transactions that wait for the writer in the given order, and lets them have it together.
    func startTogether(_ members: [(mode: TransactionMode, body: Body)]) async throws -> [Task<Void, any Error>] {
        try await transaction(.writeAlone) { [self] _ in
            var tasks: [Task<Void, any Error>] = []
            for member in members {
                tasks.append(Task { try await self.transaction(member.mode, member.body) })
                let count = tasks.count
                try await eventually { self.statistics.writer.waiting == count }
            }
            return tasks
        }
    }

    func startTogether(_ bodies: [Body]) async throws -> [Task<Void, any Error>] {
        try await startTogether(bodies.map { (.write, $0) })
    }

    func values() async throws -> [Int64] {
        try await rows("SELECT a FROM t ORDER BY rowid").map {
            if case .integer(let value) = $0[0] { value } else { -1 }
        }
    }

    static let insertValue = SQLText("INSERT INTO t (a) VALUES (?1)")

    /// A body that inserts a value.
    static func inserting(_ value: Int64) -> Body {
        { try await $0.insert(value) }
    }
}

extension DatabaseTransaction {
    func insert(_ value: Int64) async throws {
        try await execute(Statement(SQLiteDatabase.insertValue, [.integer(value)]))
    }
}

/// What became of tasks, for comparing.
func outcomes(_ tasks: [Task<Void, any Error>]) async -> [String] {
    var outcomes: [String] = []
    for task in tasks {
        switch await task.result {
        case .success: outcomes.append("done")
        case .failure(let error as StorageError): outcomes.append(error.code.rawValue)
        case .failure(is CancellationError): outcomes.append("cancelled")
        case .failure(let error): outcomes.append("\(error)")
        }
    }
    return outcomes
}
