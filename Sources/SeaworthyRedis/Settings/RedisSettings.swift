/// Where Redis is, who we are there, and how much we wait for it. The one place of each default.
package struct RedisSettings: Sendable, Equatable {
    /// Servers to begin with, in the order in which they are tried: one server, some of a cluster, or the sentinels.
    package var endpoints: [RedisEndpoint]
    /// Nil for the default user.
    package var user: String?
    package var password: String?
    /// Of a server by itself; a cluster has only 0.
    package var database = 0
    /// By what the server's certificate is checked; nil for connections in clear.
    package var tls: TLS?
    /// Set where ``endpoints`` are sentinels.
    package var sentinel: Sentinel?
    /// How long an attempt to connect may take, with its greeting.
    package var connectTimeout: Duration = .seconds(1)
    /// How long a command may take. What asks Redis on the way of a request never waits longer.
    package var commandTimeout: Duration = .milliseconds(250)
    /// Commands that may wait for their answers on one connection; beyond them a command fails at once.
    package var maximumPending = 16_384
    /// What the server shows of us in `CLIENT LIST`.
    package var clientName = "seaworthy"
    /// How long to wait between two attempts to connect, from the first to the last; each wait is between the half and the whole.
    package var backoff: ClosedRange<Duration> = .milliseconds(100) ... .seconds(2)
    /// How often a Redis that failed is asked whether it is well again.
    package var probeInterval: Duration = .milliseconds(500)
    /// How often the nodes of a cluster are asked for again, beside the times when one says that something has moved.
    package var topologyInterval: Duration = .seconds(30)

    package init(_ endpoints: [RedisEndpoint]) {
        self.endpoints = endpoints
    }

    package struct TLS: Sendable, Equatable {
        /// Certificates in PEM of whom to trust; nil for those that the system trusts.
        package var authorities: String?

        package init(authorities: String? = nil) {
            self.authorities = authorities
        }
    }

    /// Redis Sentinel: who knows which server is the primary.
    package struct Sentinel: Sendable, Equatable {
        /// The name that the sentinels have for the primary, such as `mymaster`.
        package var primary: String
        /// How we sign in to the sentinels, which have users of their own.
        package var user: String?
        package var password: String?

        package init(primary: String, user: String? = nil, password: String? = nil) {
            self.primary = primary
            self.user = user
            self.password = password
        }
    }
}

/// A server's name and port.
package struct RedisEndpoint: Sendable, Hashable, CustomStringConvertible {
    package static let standardPort = 6379
    package static let sentinelPort = 26379

    /// A name or an address, without brackets.
    package let host: String
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package var description: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
