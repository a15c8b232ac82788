package import NIOCore

/// How the server listens, and what it takes from a client.
package struct HTTPSettings: Sendable {
    /// The address or name to listen on.
    package var host = "127.0.0.1"
    /// The port to listen on; 0 takes a free one.
    package var port = 8080
    /// What the port is set by, for who has to choose another.
    package var portName = "PORT"
    /// What the server shows who it is with; nil speaks in clear.
    package var tls: TLSFiles?
    /// How often the files of the certificate are looked at for changes.
    package var certificateInterval: TimeAmount = .seconds(10)
    /// Who is believed what is said of clients; nobody.
    package var trustedProxies = TrustedProxies()
    /// From the first byte of a request until its head is complete; then 408. With TLS also from the beginning of a connection until the end of
    /// its handshake; then it is closed silently.
    package var headerTimeout: TimeAmount = .seconds(10)
    /// From the end of the head until the end of the body; then 408.
    package var bodyTimeout: TimeAmount = .seconds(30)
    /// While the next piece of a body is waited for that is read in pieces: how long the client may send nothing; then 408. The whole
    /// takes as long as it takes, at ``minimumTransferRate`` or faster.
    package var bodyStallTimeout: TimeAmount = .seconds(30)
    /// Between requests on a kept connection, and before the first; then it is closed silently.
    package var idleTimeout: TimeAmount = .seconds(60)
    /// How long a client may leave an answer, or a piece of a long one, unread, beside the time that ``minimumTransferRate`` gives for
    /// its bytes; then the connection is closed.
    package var writeTimeout: TimeAmount = .seconds(30)
    /// Bytes a second that a client must take of an answer, and send of a body that is read in pieces, once the time for standing still is
    /// used up. A piece of 64 KiB thus has 30 s and 16 s more.
    package var minimumTransferRate = 4096
    /// After the last answer on a connection: how long what the client still sends is read and thrown away, so that closing does not
    /// take the answer from it (RFC 9112, 9.6).
    package var lingerTimeout: TimeAmount = .seconds(2)
    /// After a client has closed its side: how long its request may still run before it is cancelled.
    package var disconnectGrace: TimeAmount = .milliseconds(250)
    /// The request target in bytes; then 414.
    package var maximumURLBytes = 16 * 1024
    /// All header fields in bytes, as they are on the wire; then 431.
    package var maximumHeaderBytes = 32 * 1024
    /// The number of header fields; then 431.
    package var maximumHeaderCount = 256
    /// A body that is read whole; then 413.
    package var maximumBodyBytes = 1024 * 1024
    /// The rest of a body nobody reads: up to this many bytes are thrown away to keep the connection, beyond it is closed.
    package var maximumDrainBytes = 64 * 1024
    /// Connections at once; beyond them a new one is closed at accept.
    package var maximumConnections = 10_000
    /// Connections the system holds until they are accepted.
    package var backlog = 1024
    /// After the request to stop: how long running requests may go on before their connections are closed by force.
    package var shutdownGracePeriod: TimeAmount = .seconds(30)

    package init() {}
}
