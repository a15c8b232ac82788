import Foundation
import Logging
import PostgresServing
import Testing

@testable import SeaworthyOpenID

@Suite(.timeLimit(.minutes(5))) struct EncryptionTests {
    /// OpenSSL's own server, with a certificate that nobody vouches for.
    private final class Server: Sendable {
        let folder: URL
        let port: String
        private let process: SpawnedProcess
        private let output: Int32

        /// Blocks the thread.
        init() throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("openid-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let shown = try TestCertificate(in: folder.path)
            let way = try SpawnedProcess.pipe()
            output = way.reading
            do {
                defer { close(way.writing) }
                process = try SpawnedProcess(
                    "openssl", ["s_server", "-accept", "127.0.0.1:0", "-cert", shown.certificate, "-key", shown.key, "-www"],
                    folder: folder.path, descriptors: (-1, way.writing, -1))
            }
            var text = ""
            var port: String?
            while port == nil {
                guard let more = SpawnedProcess.readSome(output) else { throw CocoaError(.fileReadUnknown) }
                text += String(decoding: more, as: UTF8.self)
                port = text.firstMatch(of: /ACCEPT 127\.0\.0\.1:([0-9]+)\n/).map { String($0.1) }
            }
            self.port = port ?? ""
        }

        /// Blocks the thread.
        func stop() throws {
            process.send(SIGKILL)
            process.waitUntilEnd()
            close(output)
            try FileManager.default.removeItem(at: folder)
        }
    }

    @Test func `does not talk to a provider whose certificate nobody vouches for`() async throws {
        let server = try await PostgresServer.onThread { try Server() }
        let settings = OpenIDProviderSettings(name: "test", issuer: "https://localhost:\(server.port)", clientID: "client-1")
        let client = try OpenIDProvider(settings, logger: Logger(label: "test"))
        let error = await #expect(throws: OpenIDError.self) { try await client.begin(redirectURI: TestProvider.redirectURI) }
        #expect(error?.code == .unavailable)
        #expect(error?.reason.contains("CERTIFICATE_VERIFY_FAILED") == true, "\(error?.reason ?? "")")
        try await PostgresServer.onThread { try server.stop() }
    }
}
