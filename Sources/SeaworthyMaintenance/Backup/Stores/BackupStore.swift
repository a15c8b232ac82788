/// Where backups are kept: names and bytes. An object is there whole or not at all.
package protocol BackupStore: Sendable {
    /// For messages; without secrets.
    var place: String { get }

    /// Asks whether the place is there and lets us in, by as little as can be asked.
    func probe() async throws

    /// Every object whose name begins so, in any order.
    func list(prefix: String) async throws -> [StoredObject]

    /// A small object as a whole; nil when there is none.
    func read(_ name: String, maximumBytes: Int) async throws -> [UInt8]?

    /// A large object, piece by piece.
    ///
    /// - Throws: ``BackupError`` `notFound` when there is none.
    func open(_ name: String) async throws -> any ObjectReader

    /// Begins an object that is there when ``ObjectWriter/finish()`` returns.
    func create(_ name: String) async throws -> any ObjectWriter

    /// Takes an object away; there may be none.
    func remove(_ name: String) async throws

    /// Takes away what objects with this prefix left behind that were begun and never finished, also by processes that were killed.
    ///
    /// - Returns: what was removed, for the log.
    func removeUnfinished(prefix: String) async throws -> [String]
}

package struct StoredObject: Sendable, Equatable {
    package var name: String
    package var bytes: Int

    package init(name: String, bytes: Int) {
        self.name = name
        self.bytes = bytes
    }
}

package protocol ObjectReader: Sendable {
    /// The next bytes; nil at the end.
    func read() async throws -> [UInt8]?
    func close() async
}

package protocol ObjectWriter: Sendable {
    func write(_ bytes: [UInt8]) async throws
    /// The object is there, durably, when this returns.
    func finish() async throws
    /// Gives up: nothing stays.
    func abandon() async
}

extension BackupStore {
    func write(_ name: String, _ bytes: [UInt8]) async throws {
        let writer = try await create(name)
        do {
            try await writer.write(bytes)
            try await writer.finish()
        } catch {
            await writer.abandon()
            throw error
        }
    }
}
