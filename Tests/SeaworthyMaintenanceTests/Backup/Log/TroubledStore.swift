import Synchronization

@testable import SeaworthyMaintenance

/// A folder of backups that can be told to refuse what is written, or to keep it waiting.
final class TroubledStore: BackupStore {
    enum Trouble: Sendable {
        case none
        case refuses
        case waits
    }

    private let folder: FolderStore
    private let trouble = Mutex(Trouble.none)

    init(_ folder: String) {
        self.folder = FolderStore(folder)
    }

    func set(_ trouble: Trouble) { self.trouble.withLock { $0 = trouble } }

    private func meet() async throws {
        while true {
            switch trouble.withLock(\.self) {
            case .none: return
            case .refuses: throw BackupError(.storeFailed, "the store refuses", fix: "wait")
            case .waits: try await Task.sleep(for: .milliseconds(2))
            }
        }
    }

    var place: String { folder.place }
    func probe() async throws { try await folder.probe() }

    func list(prefix: String) async throws -> [StoredObject] {
        try await meet()
        return try await folder.list(prefix: prefix)
    }
    func read(_ name: String, maximumBytes: Int) async throws -> [UInt8]? { try await folder.read(name, maximumBytes: maximumBytes) }
    func open(_ name: String) async throws -> any ObjectReader { try await folder.open(name) }
    func create(_ name: String) async throws -> any ObjectWriter {
        try await meet()
        return try await folder.create(name)
    }
    func remove(_ name: String) async throws { try await folder.remove(name) }
    func removeUnfinished(prefix: String) async throws -> [String] { try await folder.removeUnfinished(prefix: prefix) }
    func close() async {}
}
