import SeaworthyData
import SeaworthySchema

/// Where a request comes from.
struct RequestSource: Sendable, Equatable {
    /// The client's address, without its port.
    let address: String?
    /// Whether nobody could read it on its way: it came by TLS, here or, as a trusted proxy says, to that proxy.
    var isSecure: Bool
    /// Nil for what is no address.
    let ip: IPAddress?
    /// What of the address one client has all of; made once for a connection.
    let network: String

    init(address: String? = nil, isSecure: Bool = false) {
        self.address = address
        self.isSecure = isSecure
        ip = address.flatMap { IPAddress($0) }
        network = ClientNetwork.name(ip: ip)
    }
}
