import NIOCore
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A certificate with its key, as the files had them at one moment, ready to be shown.
package struct TLSIdentity: Sendable {
    let context: NIOSSLContext
    /// In seconds since 1970.
    package let expiresAt: Int

    /// Reads and checks both files. Blocks.
    ///
    /// - Parameter now: in seconds since 1970.
    /// - Throws: ``TLSFault`` for what no client would accept.
    package init(_ files: TLSFiles, now: Int) throws(TLSFault) {
        let chain = try Self.chain(files.certificate)
        guard let first = chain.first else {
            throw TLSFault(
                place: .certificate, reason: "holds no certificate", fix: "name the chain in PEM, the server's own certificate first")
        }
        expiresAt = Int(first.notValidAfter)
        guard expiresAt > now else {
            throw TLSFault(
                place: .certificate, reason: "has been over since \(HTTPDate.text(seconds: max(0, expiresAt)))", fix: "have it renewed")
        }
        guard Int(first.notValidBefore) <= now else {
            throw TLSFault(
                place: .certificate, reason: "is good only from \(HTTPDate.text(seconds: max(0, Int(first.notValidBefore)))) on",
                fix: "set the clock of this machine, or name another")
        }
        let key = try Self.key(files.key)
        do {
            context = try NIOSSLContext(configuration: Self.configuration(chain, key))
        } catch {
            throw TLSFault(place: .key, reason: "is not the key of the certificate", fix: "name the key that belongs to it")
        }
    }

    private static func chain(_ path: String) throws(TLSFault) -> [NIOSSLCertificate] {
        try requireReadable(path, .certificate)
        do {
            return try NIOSSLCertificate.fromPEMFile(path)
        } catch {
            throw TLSFault(
                place: .certificate, reason: "is no certificate in PEM", fix: "name the chain in PEM, the server's own certificate first")
        }
    }

    private static func key(_ path: String) throws(TLSFault) -> NIOSSLPrivateKey {
        try requireReadable(path, .key)
        do {
            // Of a key with a passphrase nobody could type it in.
            return try NIOSSLPrivateKey(file: path, format: .pem) { (setter: (([UInt8]) -> Void)) in setter([]) }
        } catch {
            throw TLSFault(
                place: .key, reason: "is no private key in PEM, or has a passphrase",
                fix: "take it off with: openssl pkey -in FILE -out FILE")
        }
    }

    private static func requireReadable(_ path: String, _ place: TLSFault.Place) throws(TLSFault) {
        guard access(path, R_OK) == 0 else {
            throw TLSFault(
                place: place, reason: errno == ENOENT ? "is not there" : "cannot be read", fix: "name a file that the server may read")
        }
    }

    /// TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers alone (RFC 9325; Mozilla's «intermediate»).
    private static func configuration(_ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = [
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        configuration.applicationProtocols = ["http/1.1"]
        // A client that says nothing when it is told of the end is not waited for any longer.
        configuration.shutdownTimeout = .seconds(2)
        return configuration
    }
}
