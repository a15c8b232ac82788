/// Why Redis did not do what was asked.
package struct RedisError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable codes; never reused.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let rawValue: String
        package var description: String { rawValue }

        /// There is no connection, or it broke; what was under way may have happened or not.
        package static let disconnected = Code(rawValue: "redis.disconnected")
        /// No answer within the command's time; it may have happened or not.
        package static let timeout = Code(rawValue: "redis.timeout")
        /// More commands wait for answers than may.
        package static let queueFull = Code(rawValue: "redis.queue_full")
        /// Redis failed lately, and is not asked until it has proved to be well.
        package static let circuitOpen = Code(rawValue: "redis.circuit_open")
        /// Redis answered with an error; ``RedisError/reply`` says which.
        package static let refused = Code(rawValue: "redis.refused")
        /// Redis does not let this user in.
        package static let authentication = Code(rawValue: "redis.authentication")
        /// What came is not Redis' protocol.
        package static let protocolViolation = Code(rawValue: "redis.protocol_violation")
        /// The server is of another kind than the settings say, such as a cluster where another database than 0 is set.
        package static let wrongServer = Code(rawValue: "redis.wrong_server")
        /// A cluster sent the command on more often than is sensible.
        package static let tooManyRedirects = Code(rawValue: "redis.too_many_redirects")
        /// The client has been shut down.
        package static let closed = Code(rawValue: "redis.closed")

        package static let all: [Code] = [
            disconnected, timeout, queueFull, circuitOpen, refused, authentication, protocolViolation, wrongServer, tooManyRedirects,
            closed,
        ]
    }

    package var code: Code
    /// For the log: what happened, without any key, value or password.
    package var reason: String
    /// What Redis answered; nil for what is no answer.
    package var reply: RedisReplyError?

    package init(_ code: Code, _ reason: String, reply: RedisReplyError? = nil) {
        self.code = code
        self.reason = reason
        self.reply = reply
    }

    /// What Redis answered, as an error.
    init(_ reply: RedisReplyError) {
        self.init(.refused, "Redis answered \(reply.kind)", reply: reply)
    }

    package var description: String { "\(code): \(reason)" }

    /// Whether it says that Redis is not well, rather than that something wrong was asked of it.
    var isOutage: Bool {
        switch code {
        case .disconnected, .timeout, .authentication, .protocolViolation, .wrongServer: true
        case .refused: reply?.isOutage ?? false
        default: false
        }
    }
}

/// An error as Redis says it: `WRONGTYPE Operation against a key …`.
package struct RedisReplyError: Sendable, Hashable {
    /// The whole line.
    package let message: String

    package init(_ message: String) {
        self.message = message
    }

    /// The first word, such as `MOVED`; stable where the rest is for people.
    package var kind: String {
        String(message.prefix { $0 != " " })
    }

    /// The words behind the first.
    var details: [Substring] {
        Array(message.split(separator: " ").dropFirst())
    }

    /// What a server says that can do nothing for us now, whatever is asked.
    private static let outages: Set<String> = [
        "LOADING", "MASTERDOWN", "READONLY", "OOM", "MISCONF", "CLUSTERDOWN", "NOREPLICAS", "BUSY", "NOAUTH", "NOPERM", "WRONGPASS",
        "UNKILLABLE",
    ]

    var isOutage: Bool { Self.outages.contains(kind) }
}
