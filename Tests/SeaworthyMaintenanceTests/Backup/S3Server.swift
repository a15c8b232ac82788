import Foundation
import NIOHTTP1
import PostgresServing

@testable import SeaworthyMaintenance

/// A server that speaks S3, started by the first test that asks; it goes with this process.
final class S3Server: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let shared = Task { try await start() }

    let port: Int
    private let script: ServingScript

    static func running() async throws -> S3Server { try await shared.value }

    private static func start() async throws -> S3Server {
        try await PostgresServer.onThread { try S3Server() }
    }

    private init() throws {
        script = try ServingScript("test-s3")
        guard script.words.count == 1, let port = Int(script.words[0]) else {
            throw Failure(description: "scripts/test-s3 said: \(script.words)")
        }
        self.port = port
    }

    var endpoint: String { "http://127.0.0.1:\(port)" }

    static let credentials = S3Credentials(accessKey: "testing", secretKey: "testing", sessionToken: nil)

    private static let clock: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1_000_000) }

    /// A store in a bucket of its own.
    func makeStore(prefix: String = "some/prefix") async throws -> (store: S3Store, client: S3Client) {
        let bucket = "bucket-\(UUID().uuidString.lowercased())"
        let location = try S3Location("s3://\(bucket)/\(prefix)", region: nil, endpoint: endpoint)
        let client = S3Client(location, Self.credentials, now: Self.clock)
        guard try await client.send(.PUT, key: nil).status == 200 else { throw Failure(description: "no bucket") }
        return (S3Store(location, Self.credentials, now: Self.clock), client)
    }
}
