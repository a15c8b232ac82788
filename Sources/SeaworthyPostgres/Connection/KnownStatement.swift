import CPostgreSQL
import SeaworthySQL

/// What is known of a statement once the server has seen it; the same on every connection. Used by the loop's thread only.
final class KnownStatement {
    /// Kept alive, so that no other text gets its identity.
    let sql: SQLText
    /// The types of its parameters.
    let types: [Oid]
    /// How long one took lately, in nanoseconds; nil before the first.
    private(set) var duration: UInt64?

    init(_ sql: SQLText, types: [Oid]) {
        self.sql = sql
        self.types = types
    }

    /// How long a statement may take that goes together with others: each waits for all of them.
    static let shortTime: UInt64 = 1_000_000

    var isShort: Bool { duration.map { $0 < Self.shortTime } ?? false }

    /// A long one counts at once, and is forgotten slowly.
    func took(_ nanoseconds: UInt64) {
        guard let duration, nanoseconds < Self.shortTime else {
            duration = nanoseconds
            return
        }
        self.duration = duration - duration / 8 + nanoseconds / 8
    }
}

/// The statements that are known, found by the identity of their text.
struct KnownStatements {
    /// Texts that are remembered; when there are more, all are asked for again as they come.
    static let maximumCount = 4096

    private var entries: [ObjectIdentifier: KnownStatement] = [:]

    subscript(sql: SQLText) -> KnownStatement? {
        entries[ObjectIdentifier(sql)]
    }

    mutating func learn(_ sql: SQLText, types: [Oid]) {
        if entries.count >= Self.maximumCount { entries.removeAll(keepingCapacity: true) }
        entries[ObjectIdentifier(sql)] = KnownStatement(sql, types: types)
    }

    mutating func forget(_ sql: SQLText) {
        entries[ObjectIdentifier(sql)] = nil
    }
}
