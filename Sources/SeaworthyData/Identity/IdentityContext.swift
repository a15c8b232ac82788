/// What is known of a request that has to do with identities.
package struct IdentityContext: Sendable {
    /// In microseconds since the epoch.
    package var now: Int64
    /// The client's address, without its port.
    package var address: String?
    package var userAgent: String?

    /// The longest name of a client that is kept, in Unicode scalars.
    static let maximumUserAgent = 256

    package init(now: Int64, address: String? = nil, userAgent: String? = nil) {
        self.now = now
        self.address = address
        self.userAgent = userAgent.map { String(String.UnicodeScalarView($0.unicodeScalars.prefix(Self.maximumUserAgent))) }
    }

    var network: String { ClientNetwork.name(of: address) }
}
