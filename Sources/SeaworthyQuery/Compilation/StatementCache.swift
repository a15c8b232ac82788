package import SeaworthySQL
import Synchronization

/// The statements made so far, by the shape of their plan. When it is full, the half that was used least recently goes.
package final class StatementCache: Sendable {
    /// The most shapes kept. An application has dozens; only a client that makes up shapes reaches it.
    package static let defaultLimit = 1024

    /// The most bytes that the texts kept have together.
    package static let maximumTextBytes = 4 * 1024 * 1024

    private struct Key: Hashable {
        var entity: String
        var shape: [UInt8]
    }

    private struct Entry {
        var sql: SQLText
        var lastUse: UInt64
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var clock: UInt64 = 0
        var compilations = 0
        var textBytes = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    package init(limit: Int = defaultLimit) {
        self.limit = max(2, limit)
    }

    /// The statement of the shape, made by `compile` when it is not there.
    package func statement(entity: String, _ shape: PlanShape, compile: () -> String) -> Statement {
        Statement(text(entity: entity, shape) { SQLText(compile()) }, shape.parameters)
    }

    /// The text of the shape, made by `compile` when it is not there.
    package func text(entity: String, _ shape: PlanShape, compile: () -> SQLText) -> SQLText {
        let key = Key(entity: entity, shape: shape.bytes)
        let known = state.withLock { state -> SQLText? in
            state.clock += 1
            guard let index = state.entries.index(forKey: key) else { return nil }
            state.entries.values[index].lastUse = state.clock
            return state.entries.values[index].sql
        }
        if let known { return known }
        let made = compile()
        return state.withLock { state -> SQLText in
            // Two requests of a new shape at once: both use the text that came first, so that it is prepared once.
            if let entry = state.entries[key] { return entry.sql }
            state.compilations += 1
            let bytes = made.text.utf8.count
            while !state.entries.isEmpty, state.entries.count >= limit || state.textBytes + bytes > Self.maximumTextBytes {
                Self.evict(&state, keeping: min(limit, state.entries.count) / 2)
            }
            state.clock += 1
            state.entries[key] = Entry(sql: made, lastUse: state.clock)
            state.textBytes += bytes
            return made
        }
    }

    private static func evict(_ state: inout State, keeping count: Int) {
        let newest = state.entries.values.map(\.lastUse).sorted().suffix(count)
        state.entries = state.entries.filter { entry in newest.first.map { entry.value.lastUse >= $0 } ?? false }
        state.textBytes = state.entries.values.reduce(0) { $0 + $1.sql.text.utf8.count }
    }

    package var count: Int { state.withLock { $0.entries.count } }
    /// How many statements were made, for tests and metrics.
    package var compilations: Int { state.withLock { $0.compilations } }
}
