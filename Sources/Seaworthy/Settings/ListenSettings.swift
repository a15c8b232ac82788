/// Where the server listens. From `HOST`, `PORT`, `SHUTDOWN_GRACE_PERIOD`.
public struct ListenSettings: Sendable, Equatable {
    /// A host name or an IP address, without brackets.
    public let host: String
    /// 0 lets the system choose.
    public let port: Int
    /// How long requests under way may take to finish after the order to stop.
    public let shutdownGracePeriod: Duration
}
