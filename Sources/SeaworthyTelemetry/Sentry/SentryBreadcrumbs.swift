import Synchronization

/// The newest lines of the log that belong to a request, for the events of those that fail.
///
/// One ring for all requests: a request that writes nothing costs nothing, and what is kept is bounded however many are under way. In a storm
/// of lines the oldest are gone before their request fails; the log has them.
final class SentryBreadcrumbs: Sendable {
    /// Lines of one request that go into its event, the newest.
    static let maximumPerEvent = 50
    /// Lines that are kept, of all requests together.
    static let capacity = 1000
    /// Of a line, in bytes: its message and each value; more is cut.
    static let maximumTextBytes = 512
    /// Of a line.
    static let maximumValues = 8

    struct Crumb: Sendable {
        var milliseconds: Int64
        var level: String
        var label: String
        var message: String
        var data: [(String, String)]
    }

    private struct Ring {
        var lines: [(requestID: String, crumb: Crumb)] = []
        var next = 0
    }

    private let capacity: Int
    private let ring = Mutex(Ring())

    init(capacity: Int = SentryBreadcrumbs.capacity) {
        self.capacity = capacity
    }

    func add(_ crumb: Crumb, requestID: String) {
        ring.withLock { ring in
            if ring.lines.count < capacity {
                ring.lines.append((requestID, crumb))
            } else {
                ring.lines[ring.next] = (requestID, crumb)
                ring.next = (ring.next + 1) % capacity
            }
        }
    }

    /// Those of a request, the oldest first.
    func of(_ requestID: String) -> [Crumb] {
        ring.withLock { ring in
            let ordered = ring.lines[ring.next...] + ring.lines[..<ring.next]
            return ordered.filter { $0.requestID == requestID }.suffix(Self.maximumPerEvent).map(\.crumb)
        }
    }
}
