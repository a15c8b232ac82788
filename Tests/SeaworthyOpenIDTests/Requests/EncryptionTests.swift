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
        private let process: Process

        /// Blocks the thread.
        init() throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("openid-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let certify = try Self.openSSL(
                folder,
                ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
                    + ["-addext", "subjectAltName=DNS:localhost", "-keyout", "private", "-out", "certificate"], Pipe())
            certify.waitUntilExit()
            let output = Pipe()
            process = try Self.openSSL(
                folder, ["s_server", "-accept", "127.0.0.1:0", "-cert", "certificate", "-key", "private", "-www"], output)
            var text = ""
            var port: String?
            while port == nil {
                let more = output.fileHandleForReading.availableData
                guard !more.isEmpty else { throw CocoaError(.fileReadUnknown) }
                text += String(decoding: more, as: UTF8.self)
                port = text.firstMatch(of: /ACCEPT 127\.0\.0\.1:([0-9]+)\n/).map { String($0.1) }
            }
            self.port = port ?? ""
        }

        /// Blocks the thread. A child has the signals blocked that the thread has blocked that started it, so it is told by the one that
        /// nobody can block.
        func stop() throws {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            try FileManager.default.removeItem(at: folder)
        }

        private static func openSSL(_ folder: URL, _ arguments: [String], _ output: Pipe) throws -> Process {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["openssl"] + arguments
            process.currentDirectoryURL = folder
            process.standardInput = Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            return process
        }
    }

    @Test func `does not talk to a provider whose certificate nobody vouches for`() async throws {
        let server = try await PostgresServer.onThread { try Server() }
        let settings = OpenIDProviderSettings(name: "test", issuer: "https://localhost:\(server.port)", clientID: "client-1")
        let client = try OpenIDProvider(settings, logger: Logger(label: "test"))
        let error = await #expect(throws: OpenIDError.self) { try await client.begin(redirectURI: TestProvider.redirectURI) }
        #expect(error?.code == .unavailable)
        #expect(error?.reason.contains("CERTIFICATE_VERIFY_FAILED") == true, "\(error?.reason ?? "")")
        await client.close()
        try await PostgresServer.onThread { try server.stop() }
    }
}
