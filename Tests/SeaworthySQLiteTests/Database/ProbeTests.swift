import Foundation
import SeaworthyStorage
import Testing

@testable import SeaworthySQLite

@Suite struct ProbeTests {
    @Test(arguments: ["delete", "replace", "keep"])
    func `a file that was deleted or replaced is found out`(what: String) async throws {
        try await withDatabasePath { path async throws in
            let database = try await SQLiteDatabase.open(SQLiteSettings(.file(path)))
            try await database.probe()
            if what != "keep" {
                try FileManager.default.moveItem(atPath: path, toPath: path + ".old")
            }
            if what == "replace" {
                try FileManager.default.copyItem(atPath: path + ".old", toPath: path)
            }
            let error = await storageError { try await database.probe() }
            #expect(error?.code == (what == "keep" ? nil : .replaced))
            await database.close()
        }
    }

    @Test func `a probe goes before the statements that wait, and past a full queue`() async throws {
        try await withDatabase {
            $0.readerCount = 1
            $0.queueLimit = 1
        } _: { database async throws in
            let running = Task { try await database.rows(endlessSelect) }
            try await eventually { database.statistics.readers.running == 1 }
            let waiting = Task { try await database.rows(endlessSelect) }
            try await eventually { database.statistics.readers.waiting == 1 }
            let probe = Task { try await database.probe() }
            try await eventually { database.statistics.readers.waiting == 2 }
            running.cancel()
            // Behind the other endless statement it would never end.
            try await probe.value
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
        }
    }
}
