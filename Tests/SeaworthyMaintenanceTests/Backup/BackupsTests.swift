import Foundation
import Logging
import SeaworthySQL
import SeaworthySQLite
import SeaworthyStorage
import Testing

@testable import SeaworthyMaintenance

@Suite struct `Backups of a SQLite file` {
    private func filled(_ rows: Int = 3) async throws -> BackedUpFile {
        let file = try BackedUpFile()
        try await file.write(
            "CREATE TABLE t (a integer PRIMARY KEY, b text)",
            "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < \(rows)) INSERT INTO t SELECT x, 'row ' || x FROM c")
        return file
    }

    @Test(arguments: [nil, BackedUpFile.key("a")])
    func `what is created is listed, verified and restored`(keys: BackupKeys?) async throws {
        let file = try await filled()
        let backups = file.backups(keys)
        #expect(try await backups.list().isEmpty)
        let manifest = try await backups.create()
        #expect(manifest.contents.tables.map { "\($0.name) \($0.rows)" } == ["t 3"])
        #expect(
            manifest.isEncrypted == (keys != nil) && manifest.kind == .sqlite && manifest.database == "app.db" && manifest.version == "test"
        )
        #expect(manifest.schemaHash == nil && manifest.plainBytes > 0)
        let listed = try await backups.list()
        #expect(listed.map(\.id) == [manifest.id] && listed[0].isSound && listed[0].verified == nil)
        #expect(listed[0].manifest == manifest)

        file.advance(seconds: 5)
        let verification = try await backups.verify(nil)
        #expect(verification.manifest.id == manifest.id)
        #expect(try await backups.list()[0].verified == microseconds("2026-11-25T12:00:05Z"))

        try await file.write("INSERT INTO t VALUES (4, 'later')")
        let restoration = try await backups.restore(nil, options: Self.replacing, compares: true)
        #expect(try await file.numbers() == [1, 2, 3])
        let kept = try #require(restoration.kept)
        #expect(kept == "\(file.path).before-20261125T120005Z")
        #expect(try await file.numbers(kept) == [1, 2, 3, 4])
        // Another one within the same second keeps what it replaces too.
        let second = try await backups.restore(nil, options: Self.replacing, compares: false)
        #expect(second.kept == "\(kept)-2")
        try FileManager.default.removeItem(atPath: "\(kept)-2")
        // Nothing else stays in the folder.
        let rest = try FileManager.default.contentsOfDirectory(atPath: file.folder).filter {
            !$0.hasSuffix("-shm") && !$0.hasSuffix("-wal")
        }
        #expect(rest.sorted() == ["app.db", "app.db.backup-lock", "app.db.before-20261125T120005Z", "backups"])
    }

    private static var replacing: RestoreOptions {
        var options = RestoreOptions()
        options.replaces = true
        return options
    }

    @Test func `the manifest has the schema and the last migration`() async throws {
        let file = try await filled()
        #expect(try await file.backups().create().migration == nil)
        try await file.write(
            "CREATE TABLE seaworthy_schema (id integer, schema text)", "INSERT INTO seaworthy_schema VALUES (1, '{}')",
            "CREATE TABLE seaworthy_migrations (name text)", "INSERT INTO seaworthy_migrations VALUES ('20260102_b'), ('20260101_a')")
        let manifest = try await file.backups().create()
        #expect(manifest.schemaHash == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
        #expect(manifest.migration == "20260102_b")
    }

    @Test func `a backup is of one moment, and nobody waits for it`() async throws {
        let file = try await filled(20_000)
        let database = try await file.open()
        // Each transaction moves a row from one end to the other: in every moment there are as many, and their sum tells which moment.
        let writer = Task {
            var moves = 0
            while !Task.isCancelled {
                let number = moves
                let isDone = try? await database.transaction(.write) { transaction in
                    try await transaction.execute(Statement("DELETE FROM t WHERE a = (SELECT min(a) FROM t)"))
                    return try await transaction.execute(Statement("INSERT INTO t VALUES (\(20_001 + number), 'moved')"))
                }
                if isDone != nil { moves += 1 }
            }
            return moves
        }
        let backups = file.backups()
        var manifests: [BackupManifest] = []
        for _ in 0..<4 { manifests.append(try await backups.create()) }
        writer.cancel()
        #expect(await writer.value > 0)
        await database.close()
        for manifest in manifests {
            #expect(manifest.contents.rows == 20_000)
            _ = try await backups.verify(manifest.id)
        }
    }

    @Test func `restores into a path where there is nothing, and refuses to replace without being told`() async throws {
        let file = try await filled()
        let backups = file.backups()
        _ = try await backups.create()
        let refusal = await backupError { _ = try await backups.restore(nil, options: RestoreOptions(), compares: true) }
        #expect(refusal?.code == .targetNotEmpty)
        #expect(try await file.numbers() == [1, 2, 3])
        let other = "\(file.folder)/other.db"
        let restoration = try await file.backups(path: other).restore(nil, options: RestoreOptions(), compares: false)
        #expect(restoration.kept == nil)
        #expect(try await file.numbers(other) == [1, 2, 3])
    }

    @Test func `does not replace a database that is still all in its log`() async throws {
        let file = try await filled()
        let backups = file.backups()
        _ = try await backups.create()
        let other = "\(file.folder)/other.db"
        try Data().write(to: URL(fileURLWithPath: other))
        try Data("log".utf8).write(to: URL(fileURLWithPath: other + "-wal"))
        let refusal = await backupError {
            _ = try await file.backups(path: other).restore(nil, options: RestoreOptions(), compares: true)
        }
        #expect(refusal?.code == .targetNotEmpty)
    }

    @Test func `does not restore under a database that is open`() async throws {
        let file = try await filled()
        let backups = file.backups()
        _ = try await backups.create()
        let database = try await file.open()
        let refusal = await backupError { _ = try await backups.restore(nil, options: Self.replacing, compares: true) }
        #expect(refusal?.code == .targetInUse)
        await database.close()
        // What a killed restore left goes with the next.
        try Data("half".utf8).write(to: URL(fileURLWithPath: file.path + ".restoring-dead"))
        _ = try await backups.restore(nil, options: Self.replacing, compares: true)
        #expect(!FileManager.default.fileExists(atPath: file.path + ".restoring-dead"))
    }

    @Test func `keeps a damaged database together with its log, and restores in its place`() async throws {
        let file = try await filled()
        let backups = file.backups()
        _ = try await backups.create()
        try Data("this is no database, but it is what there is".utf8).write(to: URL(fileURLWithPath: file.path))
        try Data("log".utf8).write(to: URL(fileURLWithPath: file.path + "-wal"))
        let restoration = try await backups.restore(nil, options: Self.replacing, compares: true)
        #expect(try await file.numbers() == [1, 2, 3])
        let kept = try #require(restoration.kept)
        #expect(try String(contentsOfFile: kept + "-wal", encoding: .utf8) == "log")
        #expect(try String(contentsOfFile: kept, encoding: .utf8).hasPrefix("this is no"))
    }

    @Test(arguments: [nil, BackedUpFile.key("a")])
    func `names what is wrong with a backup, and restores nothing of it`(keys: BackupKeys?) async throws {
        let file = try await filled(2000)
        let backups = file.backups(keys)
        let id = try await backups.create().id
        let (data, manifest) = (id + ".backup", id + ".manifest.json")
        func refusals() async -> [BackupError.Code?] {
            let verify = await backupError { _ = try await backups.verify(id) }
            let restore = await backupError { _ = try await backups.restore(id, options: Self.replacing, compares: false) }
            return [verify?.code, restore?.code]
        }
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: "\(file.store)/\(data)")))
        try file.change(data) { $0[$0.count / 2] ^= 4 }
        #expect(await refusals() == [.damaged, .damaged])
        try file.change(data) { $0 = Array(whole.dropLast(9)) }
        #expect(await refusals() == [.cutOff, .cutOff])
        #expect(try await backups.list()[0].problem == "its data has \(whole.count - 9) bytes, and \(whole.count) were written")
        try file.change(data) { $0 = whole }
        _ = try await backups.verify(id)

        // The manifest: a digit of a number of rows.
        let text = try String(contentsOfFile: "\(file.store)/\(manifest)", encoding: .utf8)
        try file.change(manifest) { $0 = Array(text.replacing(": 2000", with: ": 2001").utf8) }
        #expect(await refusals() == [.damaged, .damaged])
        #expect(try await backups.list()[0].problem?.contains("seal") == true)
        try file.change(manifest) { $0 = Array(text.utf8) }
        try FileManager.default.removeItem(atPath: "\(file.store)/\(data)")
        #expect(await refusals() == [.notFound, .notFound])
        #expect(try await file.numbers().count == 2000)
        let left = try FileManager.default.contentsOfDirectory(atPath: file.folder)
        #expect(!left.contains { $0.contains("restoring") || $0.contains("before") || $0.hasPrefix("seaworthy-backup") }, "\(left)")
    }

    @Test func `the data of one backup under the manifest of another is refused`() async throws {
        let file = try await filled()
        let backups = file.backups()
        let one = try await backups.create().id
        let two = try await backups.create().id
        try file.change(one + ".backup") {
            $0 = Array((try? Data(contentsOf: URL(fileURLWithPath: "\(file.store)/\(two).backup"))) ?? Data())
        }
        let refusal = await backupError { _ = try await backups.verify(one) }
        #expect(refusal?.code == .damaged)
        #expect(refusal?.message.contains("another backup") == true)
    }

    @Test func `keys are told apart, and a new one goes together with the old`() async throws {
        let file = try await filled()
        let (old, new) = (BackedUpFile.key("old"), BackedUpFile.key("new"))
        let id = try await file.backups(old).create().id
        for (keys, code) in [(new, BackupError.Code.wrongKey), (nil, .keyMissing)] {
            let refusal = await backupError { _ = try await file.backups(keys).verify(id) }
            #expect(refusal?.code == code)
            #expect(try await file.backups(keys).list()[0].isSound == false)
        }
        let both = BackupKeys([Array("new".utf8) + Array(repeating: 7, count: 32), Array("old".utf8) + Array(repeating: 7, count: 32)])
        _ = try await file.backups(both).verify(id)
        #expect(try await file.backups(new).verify(try await file.backups(both).create().id).manifest.isEncrypted)
        let plain = try await file.backups().create().id
        #expect(await backupError { _ = try await file.backups(old).verify(plain) }?.code == .notEncrypted)
    }

    @Test func `an encrypted manifest does not tell what a small table holds`() async throws {
        let file = try await filled()
        let plain = try await file.backups().create()
        let one = try await file.backups(BackedUpFile.key("a")).create()
        let two = try await file.backups(BackedUpFile.key("a")).create()
        #expect(Set([plain, one, two].map { $0.contents.tables[0].hash }).count == 3)
        #expect(Set([plain, one, two].map(\.contents.structure)).count == 3)
    }

    @Test func `a database that was damaged when it was backed up does not pass a verification`() async throws {
        let file = try await filled(5000)
        // Pages in the middle of the table, as a disk would lose them.
        let database = URL(fileURLWithPath: file.path)
        var bytes = Array(try Data(contentsOf: database))
        for page in 10..<14 { bytes.replaceSubrange(page * 4096..<(page * 4096 + 64), with: Array(repeating: 0xEE, count: 64)) }
        try Data(bytes).write(to: database)
        let backups = file.backups()
        let refusal = await backupError {
            let id = try await backups.create().id
            _ = try await backups.verify(id)
        }
        #expect(refusal?.code == .databaseFailed || refusal?.code == .differs)
        let listed = try await backups.list()
        #expect(listed.allSatisfy { $0.verified == nil })
    }

    @Test func `what differs after a restore is told table by table`() async throws {
        let file = try await filled()
        let backups = file.backups()
        let id = try await backups.create().id
        // A manifest of other contents, sealed rightly: as if the restore had lost a row.
        let path = "\(file.store)/\(id).manifest.json"
        var manifest = try BackupManifest(Array(try Data(contentsOf: URL(fileURLWithPath: path))), id: id, keys: nil)
        manifest.contents.tables[0].rows = 4
        try Data(manifest.sealed(nil)).write(to: URL(fileURLWithPath: path))
        let refusal = await backupError { _ = try await backups.verify(id) }
        #expect(refusal?.code == .differs)
        #expect(refusal?.message.contains("the table «t» has 3 rows, the backup 4") == true)
        let restore = await backupError { _ = try await backups.restore(id, options: Self.replacing, compares: true) }
        #expect(restore?.code == .differs)
        #expect(!FileManager.default.fileExists(atPath: "\(file.path).before-20261125T120000Z"))
        _ = try await backups.restore(id, options: Self.replacing, compares: false)
    }

    @Test func `what a killed process left is not listed, and goes with the next backup`() async throws {
        let file = try await filled()
        let backups = file.backups()
        let kept = try await backups.create().id
        let half = "app_db-20261125T110000Z-00ff00"
        for name in [
            half + ".backup", half + ".verified.json", "app_db-20261125T110001Z-00ff00.backup.unfinished",
            "other_db-20261125T110000Z-00ff00.backup",
        ] {
            try Data("half".utf8).write(to: URL(fileURLWithPath: "\(file.store)/\(name)"))
        }
        let scratch = "\(file.folder)/seaworthy-backup-dead"
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: scratch + ".lock"))
        #expect(try await backups.list().map(\.id) == [kept])
        let made = try await backups.create().id
        #expect(Set(try await backups.list().map(\.id)) == [kept, made])
        #expect(!FileManager.default.fileExists(atPath: scratch))
        #expect(
            Set(file.names()) == [
                kept + ".backup", kept + ".manifest.json", made + ".backup", made + ".manifest.json",
                "other_db-20261125T110000Z-00ff00.backup",
            ])
    }

    @Test func `what another process is writing is left alone`() async throws {
        let file = try await filled()
        let store = FolderStore(file.store)
        let writer = try await store.create("app_db-20261125T110000Z-00ff00.backup")
        try await writer.write([1, 2, 3])
        #expect(try await store.removeUnfinished(prefix: "app_db-") == [])
        #expect(try await store.list(prefix: "").isEmpty)
        try await writer.finish()
        #expect(try await store.list(prefix: "app").map(\.bytes) == [3])
        let other = try await store.create("app_db-20261125T110000Z-00ff01.backup")
        await other.abandon()
        #expect(try await store.list(prefix: "").count == 1 && file.names().count == 1)
    }

    @Test func `a backup of the other kind of database is refused, and never taken for the newest`() async throws {
        let file = try await filled()
        let id = try await file.backups().create().id
        let engine = PostgresBackupEngine(database: "app.db", tools: PostgresTools(parameters: [:], environment: [:])) { _ in
            throw StorageError(.disconnected, message: "not to be reached")
        }
        let backups = Backups(
            store: FolderStore(file.store), engine: engine, keys: nil, retention: .standard, version: "test", scratchRoot: file.folder,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { 0 })
        let named = await backupError { _ = try await backups.verify(id) }
        #expect(named?.code == .wrongDatabase && named?.message.contains("of a SQLite database, and DATABASE_URL names PostgreSQL") == true)
        #expect(await backupError { _ = try await backups.verify(nil) }?.code == .notFound)
        let (pruned, newest) = (try await backups.prune().backups, try await backups.newest())
        #expect(pruned == [] && newest == nil)
    }

    @Test func `a scratch folder in use stays, for its owner alone, and goes with its last user`() throws {
        let file = try BackedUpFile()
        var first: ScratchFolder? = try ScratchFolder(in: file.folder)
        let path = try #require(first?.path)
        let second = try ScratchFolder(in: file.folder)
        #expect(FileManager.default.fileExists(atPath: path) && second.path != path)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o700)
        first = nil
        #expect(!FileManager.default.fileExists(atPath: path) && FileManager.default.fileExists(atPath: second.path))
        #expect(throws: BackupError.self) { try ScratchFolder(in: "/proc/none") }
    }

    @Test func `what a kill leaves at any moment goes with the next scratch folder`() throws {
        let file = try BackedUpFile()
        let manager = FileManager.default
        // Before the folder was made, while it was used, and after its content went.
        for (name, content) in [("a", nil), ("b", "copy"), ("c", "")] as [(String, String?)] {
            let path = "\(file.folder)/seaworthy-backup-\(name)"
            #expect(manager.createFile(atPath: path + ".lock", contents: nil))
            guard let content else { continue }
            try manager.createDirectory(atPath: path, withIntermediateDirectories: false)
            if !content.isEmpty { #expect(manager.createFile(atPath: "\(path)/\(content)", contents: Data([1]))) }
        }
        let scratch = try ScratchFolder(in: file.folder)
        let left = try manager.contentsOfDirectory(atPath: file.folder).filter { $0.hasPrefix("seaworthy-backup-") }
        let own = try #require(scratch.path.split(separator: "/").last.map(String.init))
        #expect(Set(left) == [own, own + ".lock"])
    }

    @Test func `two processes do not make one at the same time`() async throws {
        let file = try await filled()
        let backups = file.backups()
        let found = try await backups.engine.exclusively {
            let made = try await backups.create(unlessSince: .min)
            return (made, await backupError { _ = try await backups.create() }?.code)
        }
        #expect(found?.0 == nil && found?.1 == .busy)
        _ = try await backups.create()
    }

    @Test func `the newest is that of this database, or the only one there is`() async throws {
        let file = try await filled()
        let id = try await file.backups().create().id
        let other = file.backups(path: "\(file.folder)/other.db")
        #expect(try await other.manifest(nil).0.id == id)
        try FileManager.default.copyItem(atPath: file.path, toPath: "\(file.folder)/third.db")
        _ = try await file.backups(path: "\(file.folder)/third.db").create()
        let refusal = await backupError { _ = try await other.manifest(nil) }
        #expect(refusal?.code == .notFound && refusal?.message.contains("app.db, third.db") == true)
        #expect(try await file.backups().manifest(nil).0.id == id)
        for id in ["../app", "", "x", "app_db-20261125T110000Z-00ff0g", "app_db-20261125T110000Z-00ff00"] {
            #expect(await backupError { _ = try await file.backups().verify(id) }?.code == .notFound, "\(id)")
        }
    }

    @Test func `a mark that was changed, or is another backup's, verifies nothing`() async throws {
        let file = try await filled()
        let backups = file.backups(BackedUpFile.key("a"))
        let one = try await backups.create().id
        file.advance(seconds: 1)
        let two = try await backups.create().id
        _ = try await backups.verify(one)
        try FileManager.default.copyItem(atPath: "\(file.store)/\(one).verified.json", toPath: "\(file.store)/\(two).verified.json")
        #expect(try await backups.list().map { $0.verified != nil } == [false, true])
        try file.change(one + ".verified.json") { $0 = Array(String(decoding: $0, as: UTF8.self).replacing("2026", with: "2027").utf8) }
        #expect(try await backups.list().map { $0.verified != nil } == [false, false])
    }

    @Test func `a store that cannot be written says so, and a database that is not there`() async throws {
        let file = try await filled()
        try Data().write(to: URL(fileURLWithPath: file.store))
        #expect(await backupError { _ = try await file.backups().create() }?.code == .storeFailed)
        let missing = file.backups(path: "\(file.folder)/none.db", store: FolderStore("\(file.folder)/elsewhere"))
        #expect(await backupError { _ = try await missing.create() }?.code == .databaseFailed)
        #expect(try await missing.list().isEmpty)
        #expect(await backupError { _ = try await missing.verify(nil) }?.code == .notFound)
    }

    @Test func `names of databases become names of files`() {
        #expect(BackupName.prefix(of: "Größe/../x y.DB") == "gr____e____x_y_db-")
        #expect(BackupName.isValid(BackupName.make("Größe", time: microseconds("2026-11-25T12:00:00Z"))))
        #expect(!BackupName.isValid("a/b-20261125T110000Z-00ff00") && !BackupName.isValid("a-20261125T110000Z-00ff00\n"))
    }
}
