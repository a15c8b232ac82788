import Crypto
import Foundation
import Logging
import Metrics
import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage
import Synchronization

@testable import SeaworthyMaintenance

/// Microseconds since the epoch of an RFC 3339 time.
func microseconds(_ text: String) -> Int64 {
    if case .integer(let time)? = try? FieldType.timestamp.value(fromText: text) { time } else { 0 }
}

/// A folder with a SQLite database and its backups.
final class BackedUpFile: Sendable {
    let folder: String
    let clock = Mutex(microseconds("2026-11-25T12:00:00Z"))

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("seaworthy-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var path: String { "\(folder)/app.db" }
    var store: String { "\(folder)/backups" }

    func advance(seconds: Int64) { clock.withLock { $0 += seconds * 1_000_000 } }

    static func key(_ text: String) -> BackupKeys { BackupKeys([Array(text.utf8) + Array(repeating: 7, count: 32)]) }

    func backups(
        _ keys: BackupKeys? = nil, path: String? = nil, store: (any BackupStore)? = nil,
        retention: BackupRetention = BackupRetention(daily: 1, weekly: 0, monthly: 0),
        metrics: any MetricsFactory = NOOPMetricsHandler.instance, keepsLog: Bool = false
    ) -> Backups {
        let engine = SQLiteBackupEngine(
            path: path ?? self.path,
            open: { [own = self.path] path in
                var settings = SQLiteSettings(.file(path))
                settings.readerCount = 1
                settings.keepsLog = keepsLog && path == own
                return try await SQLiteDatabase.open(settings)
            }, lock: { SQLiteFileLock($0) })
        return Backups(
            store: store ?? FolderStore(self.store), engine: engine, keys: keys, retention: retention, version: "test",
            scratchRoot: folder, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, metrics: metrics,
            now: { [self] in clock.withLock(\.self) })
    }

    func open(_ path: String? = nil) async throws -> SQLiteDatabase {
        try await SQLiteDatabase.open(SQLiteSettings(.file(path ?? self.path)))
    }

    func with<Result: Sendable>(_ path: String? = nil, _ body: (SQLiteDatabase) async throws -> Result) async throws -> Result {
        let database = try await open(path)
        return try await database.closing { try await body(database) }
    }

    func write(_ statements: String...) async throws {
        try await with { database in
            try await database.transaction(.write) { transaction in
                for statement in statements { try await transaction.execute(Statement(statement)) }
            }
        }
    }

    /// The numbers of the table `t`.
    func numbers(_ path: String? = nil) async throws -> [Int64] {
        try await with(path) { database in
            try await database.query(Statement("SELECT a FROM t ORDER BY a"), into: ValueRows()).map {
                if case .integer(let number) = $0[0] { number } else { -1 }
            }
        }
    }

    /// Names in the folder of backups, without those of manifests and marks.
    func names() -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: store)) ?? []).sorted()
    }

    func change(_ name: String, _ body: (inout [UInt8]) -> Void) throws {
        let url = URL(fileURLWithPath: "\(store)/\(name)")
        var bytes = Array(try Data(contentsOf: url))
        body(&bytes)
        try Data(bytes).write(to: url)
    }
}

/// The code of the ``BackupError`` that `body` throws; nil when it throws none.
func backupError(_ body: () async throws -> Void) async -> BackupError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? BackupError
    }
}
