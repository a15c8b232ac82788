import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import PostgresServing
import Testing

@Suite struct `A server with a certificate` {
    private static let schema =
        "name: shop\nentities:\n  Shelf: { fields: { Width: { type: integer } }, access: { anyone: { read: true } } }\n"

    @Test func `is reached by HTTPS, tells so, and is found healthy by its own command`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.schema, to: "seaworthy.yaml")
        let shown = try await PostgresServer.onThread { [path = folder.path] in try TestCertificate(in: path) }
        let environment = ["TLS_CERT_FILE": "server.crt", "TLS_KEY_FILE": "server.key", "PUBLIC_URL": "https://localhost"]
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
        #expect(address.hasPrefix("https://127.0.0.1:"))
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.tlsConfiguration = .makeClientConfiguration()
        configuration.tlsConfiguration?.trustRoots = .file(shown.certificate)
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let answer = try await client.execute(HTTPClientRequest(url: address + "/v1/shelfs"), timeout: .seconds(60))
            #expect(answer.status == .ok && answer.headers["Strict-Transport-Security"].count == 1)
            let port = try #require(address.split(separator: ":").last)
            let ready = try await SeaworthyProcess.run(
                ["health"], in: folder.url, environment: environment.merging(["PORT": String(port)]) { $1 })
            #expect(ready.status == 0, "\(ready.errors)\(ready.output)")
            // Somebody else's address has to have a certificate that somebody vouches for.
            let stranger = try await SeaworthyProcess.run(["health", "--url", address], in: folder.url, environment: environment)
            #expect(stranger.status == 1)
            let clear = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: address.replacing("https", with: "http") + "/v1/shelfs"), timeout: .seconds(60))
            #expect(clear.status == .badRequest)
        } catch {
            try? await client.shutdown()
            await process.stop()
            throw error
        }
        try await client.shutdown()
        let outcome = await process.stop()
        #expect(outcome.status == 0 && !outcome.output.contains("clients cannot be told apart"))
    }

    @Test func `does not begin without its key, and other commands do without it`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.schema, to: "seaworthy.yaml")
        _ = try await PostgresServer.onThread { [path = folder.path] in try TestCertificate(in: path) }
        let environment = ["TLS_CERT_FILE": "server.crt", "TLS_KEY_FILE": "server.crt"]
        for command in ["serve", "check"] {
            let outcome = try await SeaworthyProcess.run([command], in: folder.url, environment: environment)
            #expect(outcome.status == 1)
            #expect(
                outcome.errors.contains("TLS_KEY_FILE") && outcome.errors.contains("is no private key in PEM"), "\(outcome.errors)")
        }
        // What has to be done while a certificate is out of order, and shows none.
        let migrated = try await SeaworthyProcess.run(["migrate", "status"], in: folder.url, environment: environment)
        #expect(!migrated.errors.contains("TLS_KEY_FILE"), "\(migrated.errors)")
    }
}
