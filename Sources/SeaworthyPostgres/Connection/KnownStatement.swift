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

    /// In nanoseconds, how long one may take that counts as short.
    private let shortTime: UInt64

    init(_ sql: SQLText, types: [Oid], shortTime: UInt64) {
        self.sql = sql
        self.types = types
        self.shortTime = shortTime
    }

    var isShort: Bool { duration.map { $0 < shortTime } ?? false }

    /// A long one counts at once, and is forgotten slowly.
    func took(_ nanoseconds: UInt64) {
        guard let duration, nanoseconds < shortTime else {
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

    private let shortTime: UInt64
    private var entries: [ObjectIdentifier: KnownStatement] = [:]

    /// - Parameter shortTime: in nanoseconds, how long a statement may take that counts as short.
    init(shortTime: UInt64) {
        self.shortTime = shortTime
    }

    subscript(sql: SQLText) -> KnownStatement? {
        entries[ObjectIdentifier(sql)]
    }

    mutating func learn(_ sql: SQLText, types: [Oid]) {
        if entries.count >= Self.maximumCount { entries.removeAll(keepingCapacity: true) }
        entries[ObjectIdentifier(sql)] = KnownStatement(sql, types: types, shortTime: shortTime)
    }

    mutating func forget(_ sql: SQLText) {
        entries[ObjectIdentifier(sql)] = nil
    }
}
