import Logging
import MetricsTestKit
import SeaworthySQL
import SeaworthySQLite
import SeaworthyStorage
import Synchronization
import Testing

@testable import SeaworthyMaintenance

/// The driver's hold.
struct DriverHold: LogHold {
    let hold: SQLiteLogHold
    /// Called when the hold is let go.
    var onRelease: @Sendable () -> Void = {}

    func renew() throws { try hold.renew() }
    func release() {
        hold.release()
        onRelease()
    }
    func backfill() throws { try hold.backfill() }
    func close() { hold.close() }
}

/// A database whose log is shipped, as a server does it: its connections leave the log alone.
final class ShippedFile: Sendable {
    let file: BackedUpFile
    let keys: BackupKeys?
    let metrics = TestMetrics()
    let settings: LogShippingSettings
    /// Where backups and log go; nil for a folder.
    private let place: (any BackupStore)?
    private let running = Mutex<(database: SQLiteDatabase, shipper: LogShipper)?>(nil)

    init(
        keys: BackupKeys? = nil, place: (any BackupStore)? = nil, checkpointFrames: Int = 40, imageBytes: Int = LogPiece.imageBytes,
        _ change: (inout LogShippingSettings) -> Void = { _ in }
    ) throws {
        file = try BackedUpFile()
        self.keys = keys
        self.place = place
        var settings = LogShippingSettings(interval: .seconds(3600))
        settings.checkpointFrames = checkpointFrames
        settings.imageBytes = imageBytes
        settings.longestPause = .milliseconds(20)
        settings.pause = .milliseconds(5)
        change(&settings)
        self.settings = settings
    }

    var database: SQLiteDatabase {
        get throws { try running.withLock { $0?.database }.orThrow() }
    }
    var shipper: LogShipper {
        get throws { try running.withLock { $0?.shipper }.orThrow() }
    }

    func backups(path: String? = nil, store: (any BackupStore)? = nil) -> Backups {
        file.backups(keys, path: path, store: store ?? place, metrics: metrics, keepsLog: true)
    }

    func open(_ change: (inout SQLiteSettings) -> Void = { _ in }) async throws -> SQLiteDatabase {
        var settings = SQLiteSettings(.file(file.path))
        settings.keepsLog = true
        // Small, so that a transaction spills into the log.
        settings.pageCacheBytes = 64 << 10
        change(&settings)
        return try await SQLiteDatabase.open(settings)
    }

    func makeShipper(store: (any BackupStore)? = nil, onRelease: @escaping @Sendable () -> Void = {}) -> LogShipper {
        LogShipper(
            path: file.path, backups: backups(store: store), hold: DriverHold(hold: SQLiteLogHold(file.path), onRelease: onRelease),
            settings: settings, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Starts as a server does, and waits until the chain has its backup.
    func start(
        store: (any BackupStore)? = nil, onRelease: @escaping @Sendable () -> Void = {}, change: (inout SQLiteSettings) -> Void = { _ in }
    ) async throws {
        let database = try await open(change)
        let shipper = makeShipper(store: store, onRelease: onRelease)
        running.withLock { $0 = (database, shipper) }
        await shipper.begin(database)
    }

    /// Ships, and waits until the chain that there is has its backup.
    func ship() async throws {
        file.advance(seconds: 1)
        let shipper = try shipper
        await shipper.turn()
        try await settle()
    }

    func settle() async throws {
        let shipper = try shipper
        let deadline = Deadline(after: .seconds(60))
        while await shipper.isWithoutBase {
            try #require(!deadline.isPast)
            try await Task.sleep(for: .milliseconds(5))
            await shipper.makeBase()
        }
    }

    /// Ends as a server that is asked to.
    func stop() async throws {
        try await shipper.end()
        try await database.close()
        running.withLock { $0 = nil }
    }

    func contents(_ path: String? = nil) async throws -> DatabaseContents {
        if path == nil { return try await database.transaction(.read) { try await SQLiteContents.read(in: $0) } }
        return try await file.with(path) { database in
            try await database.transaction(.read) { try await SQLiteContents.read(in: $0) }
        }
    }

    /// What a restore to a moment gives, elsewhere.
    func restored(_ moment: RestoreMoment, from id: String? = nil) async throws -> (DatabaseContents, Restoration) {
        let folder = "\(file.folder)/restored-\([UInt8].random(4).hexadecimal)"
        try Files.makeFolder(folder)
        let path = "\(folder)/app.db"
        let restoration = try await backups(path: path).restore(id, moment: moment, options: RestoreOptions(), compares: true)
        // As long as its head says, also after a commit that made it smaller.
        let head = try OpenFile(reading: path).read(100)
        let pageBytes = Int(head.bigEndian(UInt16.self, at: 16))
        #expect(Files.bytes(path) == Int(head.bigEndian(UInt32.self, at: 28)) * (pageBytes == 1 ? 65_536 : pageBytes))
        return (try await contents(path), restoration)
    }

    var now: Int64 { file.clock.withLock(\.self) }

    /// The last moment that can be had; nil when nothing was committed yet.
    var end: Int64? {
        get async throws { try await pieces.last(where: \.endsCommit)?.time }
    }

    var pieces: [LogPieceName] {
        get async throws {
            try await backups().pieces(of: "app.db").list().chains.sorted { $0.key < $1.key }.flatMap(\.value)
        }
    }
}

extension Optional {
    func orThrow() throws -> Wrapped {
        guard let self else { throw StorageError(.closed, message: "not started") }
        return self
    }
}
