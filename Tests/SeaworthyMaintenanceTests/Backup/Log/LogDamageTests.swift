import Foundation
import Logging
import SeaworthySQL
import SeaworthySQLite
import SeaworthyStorage
import Synchronization
import Testing

@testable import SeaworthyMaintenance

@Suite struct `A stored log that is not as it was written` {
    /// Six pieces behind a backup, one a second, each with a row more.
    private func shipped(_ keys: BackupKeys?) async throws -> ShippedFile {
        let shipped = try ShippedFile(keys: keys, checkpointFrames: 1000)
        try await shipped.file.write("CREATE TABLE t (a integer PRIMARY KEY, b blob)")
        try await shipped.start()
        try await shipped.ship()
        let database = try shipped.database
        for _ in 0..<6 {
            try await database.transaction(.write) { _ = try await $0.execute(Statement("INSERT INTO t (b) VALUES (randomblob(3000))")) }
            try await shipped.ship()
        }
        try await shipped.stop()
        return shipped
    }

    private func rows(_ shipped: ShippedFile, _ moment: RestoreMoment) async throws -> Int {
        try await shipped.restored(moment).0.tables.first { $0.name == "t" }?.rows ?? -1
    }

    @Test(arguments: [nil, BackedUpFile.key("a")])
    func `is refused and named, by a restore and a verification, and goes up to the damage`(keys: BackupKeys?) async throws {
        let shipped = try await shipped(keys)
        let pieces = try await shipped.pieces
        #expect(pieces.count == 7 && pieces.allSatisfy { $0.endsCommit || $0.number == 0 })
        let verified = try await shipped.backups().verify(nil)
        #expect(verified.reached == ReachedMoment(pieces: 6, moment: pieces[6].time))
        #expect(try await rows(shipped, .latest) == 6)
        let folder = shipped.file.store
        func path(_ index: Int) -> String { "\(folder)/\(pieces[index])" }

        func expect(_ code: BackupError.Code, _ text: String, from first: Int = 4) async throws {
            for error in [
                await backupError { _ = try await shipped.backups().verify(nil) },
                await backupError { _ = try await shipped.restored(.latest) },
            ] {
                #expect(error?.code == code && error?.message.contains(text) == true, "\(String(describing: error))")
            }
            // The backup itself is sound, and what is before the damage is to be had.
            #expect(try await shipped.backups().list()[0].verified != nil)
            #expect(try await rows(shipped, .at(pieces[first - 1].time)) == first - 1)
        }

        let original = try Data(contentsOf: URL(fileURLWithPath: path(4)))
        for offset in [10, 100, original.count - 1] {
            try shipped.file.change(pieces[4].description) { $0[offset] ^= 4 }
            try await expect(.damaged, pieces[4].description)
            try original.write(to: URL(fileURLWithPath: path(4)))
        }
        try shipped.file.change(pieces[4].description) { $0.removeLast(30) }
        try await expect(.cutOff, pieces[4].description)
        try FileManager.default.removeItem(atPath: path(4))
        try await expect(.outOfOrder, "piece 4 of the log \(pieces[4].generation) is missing")
        // The next one in its place.
        try FileManager.default.copyItem(atPath: path(5), toPath: path(4))
        try await expect(.outOfOrder, pieces[4].description)
        try original.write(to: URL(fileURLWithPath: path(4)))
        #expect(try await rows(shipped, .latest) == 6)
        // What the backup begins at is away: then no log is behind it.
        try FileManager.default.removeItem(atPath: path(0))
        #expect(try await shipped.backups().verify(nil).reached == nil)
        #expect(try await shipped.backups().log(behind: try await shipped.backups().list())?.spans == [])
        #expect(try await rows(shipped, .latest) == 0)
    }

    @Test func `is applied only where it reaches the end of what the backup saw`() async throws {
        let shipped = try await shipped(nil)
        let store = shipped.backups().pieces(of: "app.db")
        let names = try await shipped.pieces
        let last = try await store.read(names[6])
        let base = try #require(try await shipped.backups().list().first?.manifest?.log)
        let copy = "\(shipped.file.folder)/copy.db"
        func apply(_ change: (inout LogBase) -> Void, pieces: ArraySlice<LogPieceName>) async throws -> (ReachedMoment, isTouched: Bool) {
            let bytes = Data(repeating: 0, count: 100)
            var head = bytes
            head[16] = 0x10
            try head.write(to: URL(fileURLWithPath: copy))
            var base = base
            change(&base)
            let reached = try await LogReplay(store: store, base: base, start: names[0], pieces: Array(pieces)).apply(to: copy)
            return (reached, try Data(contentsOf: URL(fileURLWithPath: copy)) != head)
        }
        #expect(try await apply({ _ in }, pieces: names[1...6]) == (ReachedMoment(pieces: 6, moment: names[6].time), true))
        #expect(try await apply({ $0.frame = last.after.frame }, pieces: names[1...6]).0.pieces == 6)
        // The snapshot was later than all of them, or of a log that they do not know: it has all that they have.
        for (change, pieces): ((inout LogBase) -> Void, ArraySlice<LogPieceName>) in [
            ({ $0.frame = last.after.frame }, names[1...5]), ({ $0.frame = last.after.frame + 1 }, names[1...6]),
            ({ $0.salts += 1 << 32 }, names[1...6]), ({ _ in }, []),
        ] {
            #expect(try await apply(change, pieces: pieces) == (ReachedMoment(pieces: 0, moment: base.moment), false))
        }
    }

    @Test func `begins at the moment of the snapshot, not when the backup was begun`() async throws {
        let shipped = try await shipped(nil)
        let plain = shipped.backups()
        let clock = Atomic(shipped.now)
        let backups = Backups(
            store: plain.store, engine: plain.engine, keys: nil, retention: .standard, version: "test", scratchRoot: shipped.file.folder,
            logger: .init(label: "test"), now: { clock.add(1_000_000, ordering: .relaxed).newValue })
        let manifest = try await backups.create()
        let log = try #require(manifest.log)
        #expect(log.moment > manifest.time && log.moment <= manifest.time + Int64(manifest.duration) * 1000)
        #expect(log.piece == 6)
    }

    @Test func `is none behind a backup that was made when it was stored no more`() async throws {
        let shipped = try await shipped(nil)
        let before = try #require(try await shipped.backups().log(behind: try await shipped.backups().list())).spans
        // Without the setting, commits copy the log and begin it anew.
        try await shipped.file.with { database in
            for _ in 0..<3 {
                try await database.transaction(.write) { _ = try await $0.execute(Statement("INSERT INTO t (b) VALUES (x'01')")) }
            }
        }
        shipped.file.advance(seconds: 5)
        let manifest = try await shipped.backups().create()
        #expect(manifest.log == nil)
        #expect(try await shipped.backups().log(behind: try await shipped.backups().list())?.spans == before)
        // It is the latest state there is.
        #expect(try await shipped.restored(.latest).1.manifest.id == manifest.id)
    }

    @Test func `of another history is not applied, even where every name and number fits`() async throws {
        let shipped = try await shipped(nil)
        let pieces = try await shipped.pieces
        let store = shipped.backups().pieces(of: "app.db")
        let original = try await store.read(pieces[4])
        for change: (inout LogPiece) -> Void in [
            { $0.before.frame -= 1 }, { $0.before.salts += 1 }, { $0.before.checksum.first ^= 1 }, { $0.before.checksum.second ^= 1 },
        ] {
            var piece = original
            change(&piece)
            _ = try await store.write(piece)
            let error = await backupError { _ = try await shipped.restored(.latest) }
            #expect(error?.code == .outOfOrder && error?.message.contains("another history") == true, "\(String(describing: error))")
        }
        var piece = original
        piece.pageBytes = 8192
        piece.pages = []
        _ = try await store.write(piece)
        #expect(await backupError { _ = try await shipped.restored(.latest) }?.message.contains("pages of 8192 bytes") == true)
        // Pages that make no database: seen before anything is replaced.
        piece = original
        for index in piece.pages.indices { piece.pages[index].bytes = Array(repeating: 0x5A, count: piece.pageBytes) }
        _ = try await store.write(piece)
        #expect(await backupError { _ = try await shipped.restored(.at(pieces[4].time)) } != nil)
        #expect(await backupError { _ = try await shipped.backups().verify(nil) } != nil)
    }

    @Test func `goes on from the backup before, where the newest is damaged`() async throws {
        let shipped = try await shipped(nil)
        let first = try #require(try await shipped.backups().list().first?.id)
        shipped.file.advance(seconds: 1)
        let second = try await shipped.backups().create().id
        #expect(try await shipped.restored(.latest).1.manifest.id == second)
        try shipped.file.change(second + ".backup") { $0.removeLast() }
        let (found, restoration) = try await shipped.restored(.latest)
        #expect(restoration.manifest.id == first && found.rows == 6)
        try shipped.file.change(second + ".manifest.json") { $0[50] ^= 1 }
        #expect(try await shipped.restored(.latest).1.manifest.id == first)
    }

    @Test func `needs its key`() async throws {
        let shipped = try await shipped(BackedUpFile.key("a"))
        let path = "\(shipped.file.folder)/elsewhere.db"
        func restore(_ keys: BackupKeys?) async -> BackupError? {
            await backupError {
                _ = try await shipped.file.backups(keys, path: path).restore(
                    nil, moment: .latest, options: RestoreOptions(), compares: true)
            }
        }
        #expect(await restore(nil)?.code == .keyMissing)
        #expect(await restore(BackedUpFile.key("b"))?.code == .wrongKey)
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(await restore(BackedUpFile.key("a")) == nil)
        #expect(try await shipped.contents(path).rows == 6)
    }

    @Test func `whose last piece cannot be read is not gone on with`() async throws {
        let shipped = try await shipped(nil)
        let last = try #require(try await shipped.pieces.last)
        try shipped.file.change(last.description) { $0[100] ^= 1 }
        shipped.file.advance(seconds: 1)
        try await shipped.start()
        try await shipped.ship()
        #expect(Set(try await shipped.pieces.map(\.generation)).count == 2)
        let contents = try await shipped.contents()
        #expect(try await shipped.restored(.latest).0 == contents)
        try await shipped.stop()
    }

    @Test func `is pruned with the backups that need it, from the oldest of the retention's days on`() async throws {
        let shipped = try await shipped(nil)
        let first = try #require(try await shipped.backups().list().first?.id)
        // A second backup at piece 6; then three days pass, and the retention keeps one.
        _ = try await shipped.backups().create()
        #expect(try await shipped.backups().prune() == Pruning(backups: [], pieces: 0))
        shipped.file.advance(seconds: 3 * 86_400)
        let rehearsed = try await shipped.backups().prune(isRehearsal: true)
        #expect(rehearsed == Pruning(backups: [first], pieces: 6))
        #expect(try await shipped.pieces.count == 7)
        #expect(try await shipped.backups().prune() == rehearsed)
        #expect(try await shipped.pieces.map(\.number) == [6])
        #expect(try await shipped.backups().verify(nil).reached?.pieces == 0)
        // The chain goes on from there.
        try await shipped.start()
        let database = try shipped.database
        try await database.transaction(.write) { _ = try await $0.execute(Statement("INSERT INTO t (b) VALUES (x'01')")) }
        try await shipped.ship()
        #expect(try await shipped.pieces.map(\.number).prefix(2) == [6, 7])
        let contents = try await shipped.contents()
        #expect(try await shipped.restored(.latest).0 == contents)
        try await shipped.stop()
    }

    @Test func `is not asked for on PostgreSQL`() async throws {
        let file = try BackedUpFile()
        let engine = PostgresBackupEngine(database: "d", tools: PostgresTools(parameters: [:], environment: [:])) { _ in
            throw StorageError(.failed, message: "not opened")
        }
        let backups = Backups(
            store: FolderStore(file.store), engine: engine, keys: nil, retention: .standard, version: "test", scratchRoot: file.folder,
            logger: .init(label: "test"), now: { 0 })
        let error = await backupError { _ = try await backups.restore(nil, moment: .latest, options: RestoreOptions(), compares: true) }
        #expect(error?.code == .notSupported && error?.fix.contains("docs/backups.md") == true)
        #expect(try await backups.log(behind: []) == nil)
    }
}
