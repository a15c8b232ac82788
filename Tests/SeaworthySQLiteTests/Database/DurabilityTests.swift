import Foundation
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import SeaworthySQLite

@Suite struct DurabilityTests {
    /// Commits `count` rows one by one, cuts the power after the last one was acknowledged, and says which are there afterwards.
    private func survivors(of count: Int64, synchronous: SQLiteSettings.Synchronous, checkpointPages: Int) async throws -> [[Value]] {
        PowerLossDisk.register()
        return try await withDatabasePath { path async throws in
            var settings = SQLiteSettings(.file(path))
            settings.vfs = PowerLossDisk.name
            settings.synchronous = synchronous
            settings.checkpointPages = checkpointPages
            let files = try await withDatabase(settings) { database async throws in
                // The table is there for good in either case: what is asked is what becomes of the commits after it.
                try await database.write("CREATE TABLE t (a INTEGER)")
                _ = try await database.rows("SELECT 1")
                let insert = SQLText("INSERT INTO t VALUES (?1)")
                for number in 0..<count {
                    try await database.transaction(.write) { _ = try await $0.execute(Statement(insert, [.integer(number)])) }
                }
                return PowerLossDisk.survivors(of: path)
            }
            let afterwards = path + "-afterwards"
            for (file, content) in files {
                try content.write(to: URL(fileURLWithPath: afterwards + file.dropFirst(path.count)))
            }
            return try await withDatabase(SQLiteSettings(.file(afterwards))) { database async throws in
                let tables = try await database.rows("SELECT count(*) FROM sqlite_schema")
                return tables == [[.integer(0)]] ? [] : try await database.rows("SELECT a FROM t ORDER BY a")
            }
        }
    }

    @Test(arguments: [1_000, 3])
    func `every acknowledged commit survives a power loss`(checkpointPages: Int) async throws {
        let found = try await survivors(of: 50, synchronous: .full, checkpointPages: checkpointPages)
        #expect(found == (0..<50).map { [.integer($0)] })
    }

    @Test func `with synchronous NORMAL acknowledged commits are lost, so the test above can fail`() async throws {
        let found = try await survivors(of: 50, synchronous: .normal, checkpointPages: 1_000)
        #expect(found.count < 50)
    }
}
