import NIOCore

/// Which server has which slots of a cluster.
struct ClusterTopology: Sendable, Equatable {
    /// The servers that take writes, each once.
    private(set) var endpoints: [RedisEndpoint] = []
    /// For each slot an index of ``endpoints``; -1 where nobody has it.
    private var owners: [Int16]

    init() {
        owners = Array(repeating: -1, count: KeySlot.count)
    }

    /// Reads the answer to `CLUSTER SLOTS`: from, to, the primary with host and port, then its replicas.
    ///
    /// - Parameter asked: who answered. A server that does not know its own name leaves it out.
    /// - Returns: nil for what is no such answer.
    init?(slots: RESPValue, asked: RedisEndpoint) {
        self.init()
        guard let ranges = slots.elements else { return nil }
        for range in ranges {
            guard let parts = range.elements, parts.count >= 3, let first = parts[0].int, let last = parts[1].int,
                0 <= first, first <= last, last < KeySlot.count,
                let server = parts[2].elements, server.count >= 2, let port = server[1].int, (1...65535).contains(port)
            else { return nil }
            let host = server[0].string.flatMap { $0.isEmpty || $0 == "?" ? nil : $0 } ?? asked.host
            let owner = index(of: RedisEndpoint(host: host, port: Int(port)))
            for slot in Int(first)...Int(last) { owners[slot] = owner }
        }
    }

    /// The server that has a slot.
    func owner(of slot: Int) -> RedisEndpoint? {
        let owner = Int(owners[slot])
        return owner >= 0 ? endpoints[owner] : nil
    }

    /// A server said that another has the slot.
    mutating func move(_ slot: Int, to endpoint: RedisEndpoint) {
        guard owners.indices.contains(slot) else { return }
        owners[slot] = index(of: endpoint)
    }

    /// Whether every slot has somebody.
    var isWhole: Bool { !owners.contains(-1) }

    private mutating func index(of endpoint: RedisEndpoint) -> Int16 {
        if let known = endpoints.firstIndex(of: endpoint) { return Int16(known) }
        // No cluster has more servers than slots.
        guard endpoints.count < KeySlot.count else { return -1 }
        endpoints.append(endpoint)
        return Int16(endpoints.count - 1)
    }
}

/// Where a cluster's server sends a command on to.
enum ClusterRedirect: Sendable, Equatable {
    /// The slot is another's from now on.
    case moved(slot: Int, RedisEndpoint)
    /// This key has moved already; the slot is still on its way.
    case ask(RedisEndpoint)
    /// Soon, perhaps: a slot is on its way, or a primary is being elected.
    case later

    /// - Parameters:
    ///   - error: what was answered.
    ///   - asked: who answered. An empty host means the same one.
    init?(_ error: RedisReplyError, asked: RedisEndpoint) {
        switch error.kind {
        case "MOVED":
            guard error.details.count >= 2, let slot = Int(error.details[0]), (0..<KeySlot.count).contains(slot),
                let endpoint = Self.endpoint(error.details[1], asked)
            else { return nil }
            self = .moved(slot: slot, endpoint)
        case "ASK":
            guard error.details.count >= 2, let endpoint = Self.endpoint(error.details[1], asked) else { return nil }
            self = .ask(endpoint)
        case "TRYAGAIN", "CLUSTERDOWN": self = .later
        default: return nil
        }
    }

    /// `HOST:PORT`, where a host of IPv6 has colons and no brackets.
    private static func endpoint(_ text: Substring, _ asked: RedisEndpoint) -> RedisEndpoint? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (1...65535).contains(port) else {
            return nil
        }
        let host = text[..<colon]
        return RedisEndpoint(host: host.isEmpty || host == "?" ? asked.host : String(host), port: port)
    }
}
