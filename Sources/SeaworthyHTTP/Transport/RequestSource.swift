/// Where a request comes from.
struct RequestSource: Sendable, Equatable {
    /// The client's address, without its port.
    var address: String?
    /// Whether nobody could read it on its way: it came by TLS, here or, as a trusted proxy says, to that proxy.
    var isSecure = false
}
