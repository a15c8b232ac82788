import Synchronization

/// What the reads of one request have to see of what was written before, and what the request wrote itself.
///
/// Bound around a request by whoever serves it. A database with replicas reads from one only inside of such a request; everything else,
/// which may go on to decide or to write by what it reads, reads from the primary.
package final class ReadConsistency: Sendable {
    @TaskLocal package static var current: ReadConsistency?

    /// Whether a replica will do that has everything up to ``position``.
    package let allowsReplicas: Bool
    /// A place in the primary's log, counted from its beginning; 0 when the client has written nothing lately.
    package let position: UInt64
    private let latest = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - isReading: whether the request changes nothing.
    ///   - tokens: what earlier answers to this client carried. One that is not readable might stand for anything, so the primary is read.
    package init(isReading: Bool, tokens: [Substring] = []) {
        let positions = tokens.map(Self.position)
        allowsReplicas = isReading && !positions.contains(nil)
        position = positions.compactMap(\.self).max() ?? 0
    }

    /// A transaction was committed, and is in the log before this place.
    package func wrote(_ position: UInt64) {
        latest.max(position, ordering: .relaxed)
    }

    /// What the client has to send along with later reads; nil when nothing was written.
    package var token: String? {
        let position = latest.load(ordering: .relaxed)
        return position == 0 ? nil : "1." + String(position, radix: 16)
    }

    /// The version of the form, a point, and the place in hexadecimal digits.
    private static func position(_ token: Substring) -> UInt64? {
        guard token.hasPrefix("1."), token.utf8.count <= 18 else { return nil }
        let digits = token.dropFirst(2)
        return digits.hasPrefix("+") ? nil : UInt64(digits, radix: 16)
    }
}
