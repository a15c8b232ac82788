import Foundation
import NIOHTTP1

@testable import SeaworthyMaintenance

/// A server that speaks S3, started by the first test that asks; it goes with this process.
final class S3Server: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let shared = Task { try await start() }

    let port: Int
    /// Its end is the server's.
    private let input: Pipe
    private let process: Process

    static func running() async throws -> S3Server { try await shared.value }

    private static func start() async throws -> S3Server {
        // Waiting for a process blocks a thread, of which Swift's own are few.
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try S3Server() }) }
        }
    }

    private init() throws {
        process = Process()
        input = Pipe()
        let output = Pipe()
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..").standardizedFileURL
        process.executableURL = root.appendingPathComponent("scripts/test-s3")
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while !line.contains(0x0A) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure(description: "scripts/test-s3 did not start") }
            line += more
        }
        let text = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard let port = Int(text) else { throw Failure(description: "scripts/test-s3 said: \(text)") }
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
