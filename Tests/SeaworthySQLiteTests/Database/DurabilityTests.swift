import Foundation
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Synchronization
import Testing

@testable import SeaworthySQLite

@Suite struct DurabilityTests {
    /// Commits `count` rows one by one, cuts the power after the last one was acknowledged, and says which are there afterwards.
    private func survivors(of count: Int64, synchronous: SQLiteSettings.Synchronous, checkpointPages: Int) async throws -> [[Value]] {
        FaultyDisk.register()
        return try await withDatabasePath { path async throws in
            var settings = SQLiteSettings(.file(path))
            settings.vfs = FaultyDisk.name
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
                return FaultyDisk.survivors(of: path)
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

    /// What a power loss would leave at a moment, and what had been acknowledged before it.
    private struct Cut {
        let acknowledged: Set<Int64>
        let files: [String: Data]
    }

    @Test(arguments: [1_000, 3])
    func `what was acknowledged survives a power loss at any moment, when many share a commit`(checkpointPages: Int) async throws {
        FaultyDisk.register()
        try await withDatabasePath { path async throws in
            var settings = SQLiteSettings(.file(path))
            settings.vfs = FaultyDisk.name
            settings.checkpointPages = checkpointPages
            settings.groupLimit = 7
            settings.groupTime = .seconds(600)
            settings.poolTimeout = .seconds(600)
            let cuts = Cuts()
            try await withDatabase(settings) { database async throws in
                try await database.write("CREATE TABLE t (a INTEGER)")
                for round in 0..<4 as Range<Int64> {
                    let values = (0..<30).map { round * 30 + $0 }
                    let told = (try await database.startTogether(values.map(SQLiteDatabase.inserting))).enumerated().map { index, task in
                        Task {
                            try await task.value
                            cuts.acknowledge(values[index], survivors: { FaultyDisk.survivors(of: path) })
                        }
                    }
                    for task in told { try await task.value }
                }
                // The table, and in each round the one they wait for and five of at most seven.
                #expect(database.statistics.commits == 1 + 4 * (1 + 5))
            }
            #expect(cuts.all.count == 120)
            for (number, cut) in cuts.all.enumerated() where number % 3 == 0 {
                let afterwards = path + "-\(number)"
                for (file, content) in cut.files {
                    try content.write(to: URL(fileURLWithPath: afterwards + file.dropFirst(path.count)))
                }
                let found = try await withDatabase(SQLiteSettings(.file(afterwards))) { try await $0.values() }
                #expect(cut.acknowledged.isSubset(of: found))
                #expect(Set(found).count == found.count)
            }
        }
    }

    private final class Cuts: Sendable {
        private let state = Mutex((acknowledged: Set<Int64>(), cuts: [Cut]()))

        var all: [Cut] { state.withLock { $0.cuts } }

        func acknowledge(_ value: Int64, survivors: () -> [String: Data]) {
            state.withLock { state in
                state.acknowledged.insert(value)
                state.cuts.append(Cut(acknowledged: state.acknowledged, files: survivors()))
            }
        }
    }
}
