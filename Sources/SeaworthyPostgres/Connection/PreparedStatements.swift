import CPostgreSQL
import SeaworthySQL

/// The statements that one connection has prepared, found by the identity of their text. The least recently used makes room.
struct PreparedStatements {
    private struct Entry {
        /// Kept alive, so that no other text gets its identity.
        let sql: SQLText
        let name: String
        var lastUse: UInt64
    }

    private let limit: Int
    private var entries: [ObjectIdentifier: Entry] = [:]
    private var uses: UInt64 = 0
    private var lastNumber = 0

    init(limit: Int) {
        self.limit = max(limit, 1)
    }

    /// The name under which the text is prepared; nil when it is not.
    mutating func name(of sql: SQLText) -> String? {
        guard let index = entries.index(forKey: ObjectIdentifier(sql)) else { return nil }
        uses += 1
        entries.values[index].lastUse = uses
        return entries.values[index].name
    }

    /// A name for a text that is about to be prepared, and that of the statement that has to make room, if one has.
    mutating func add(_ sql: SQLText) -> (name: String, evicted: String?) {
        var evicted: String?
        if entries.count >= limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            evicted = oldest.value.name
            entries[oldest.key] = nil
        }
        uses += 1
        lastNumber += 1
        let name = "s\(lastNumber)"
        entries[ObjectIdentifier(sql)] = Entry(sql: sql, name: name, lastUse: uses)
        return (name, evicted)
    }

    mutating func remove(_ sql: SQLText) {
        entries[ObjectIdentifier(sql)] = nil
    }
}
