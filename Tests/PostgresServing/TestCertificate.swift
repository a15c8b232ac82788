/// A certificate that vouches for itself, made by OpenSSL, with its key, in files.
package struct TestCertificate: Sendable {
    package struct Failure: Error {}

    package let certificate: String
    package let key: String

    /// Blocks the thread.
    ///
    /// - Parameters:
    ///   - folder: where `NAME.crt` and `NAME.key` are made, or written anew.
    ///   - isRSA: else its key is of P-256.
    ///   - passphrase: of the key.
    ///   - days: for which it is good.
    package init(_ name: String = "server", in folder: String, isRSA: Bool = false, passphrase: String? = nil, days: Int = 2) throws {
        certificate = "\(folder)/\(name).crt"
        key = "\(folder)/\(name).key"
        let kind = isRSA ? ["rsa:2048"] : ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        let secrecy = passphrase.map { ["-passout", "pass:\($0)"] } ?? ["-nodes"]
        let process = try SpawnedProcess(
            "openssl",
            ["req", "-x509", "-newkey"] + kind + secrecy + ["-days", "\(days)", "-subj", "/CN=localhost", "-addext"]
                + ["subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", "\(name).key", "-out", "\(name).crt"],
            folder: folder, descriptors: (-1, -1, -1))
        guard process.waitUntilEnd() == 0 else { throw Failure() }
    }
}
