/// Where the certificate is that the server shows, and its key.
package struct TLSFiles: Sendable, Equatable {
    /// The path of the chain in PEM, the server's own certificate first.
    package var certificate: String
    /// The path of its private key in PEM, without a passphrase.
    package var key: String

    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}
