import Foundation
import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage

/// Makes a folder, hands over the path of a database that does not exist yet, and removes the folder.
func withDatabasePath<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("seaworthy-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder.appendingPathComponent("test.db").path)
}

/// Opens a database in memory, hands it over and closes it. It is patient, so that no test depends on how busy the machine is.
func withDatabase<Result>(
    _ change: (inout SQLiteSettings) -> Void = { _ in }, _ body: (SQLiteDatabase) async throws -> Result
) async throws -> Result {
    var settings = SQLiteSettings(.memory)
    settings.poolTimeout = .seconds(60)
    settings.groupIdleTimeout = .seconds(60)
    change(&settings)
    return try await withDatabase(settings, body)
}

func withDatabase<Result>(_ settings: SQLiteSettings, _ body: (SQLiteDatabase) async throws -> Result) async throws -> Result {
    let database = try await SQLiteDatabase.open(settings)
    return try await database.closing { try await body(database) }
}

extension SQLiteDatabase {
    func rows(_ sql: String, _ parameters: [Value] = []) async throws -> [[Value]] {
        try await query(Statement(sql, parameters), into: ValueRows())
    }

    /// Runs each text in one transaction.
    func write(_ texts: String...) async throws {
        try await transaction(.write) { transaction in
            for text in texts { try await transaction.execute(Statement(text)) }
        }
    }

    func writerRows(_ sql: String) async throws -> [[Value]] {
        try await transaction(.write) { try await $0.query(Statement(sql), into: ValueRows()) }
    }
}

/// The ``StorageError`` that `body` throws, or nil when it throws none.
func storageError(_ body: () async throws -> Void) async -> StorageError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? StorageError
    }
}

/// Waits for something that has to happen sooner or later.
func eventually(_ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        guard ContinuousClock.now < end else { throw NeverHappened() }
        try await Task.sleep(for: .milliseconds(2))
    }
}

struct NeverHappened: Error {}

/// A SELECT that runs until it is interrupted.
let endlessSelect = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
