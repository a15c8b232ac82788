import Foundation

/// A server that takes errors as Sentry does (scripts/test-sentry), started by the first test that asks; it goes with this process.
package final class SentryServer: Sendable {
    package static let key = "0123456789abcdef0123456789abcdef"  // not-a-secret
    private static let shared = Task { try await PostgresServer.onThread { try SentryServer() } }

    package let folder: String
    let port: String
    private let script: ServingScript

    package static func running() async throws -> SentryServer { try await shared.value }

    private init() throws {
        script = try ServingScript("test-sentry")
        folder = script.words.first ?? ""
        port = script.words.last ?? ""
    }

    /// A project that no other test has, whose name may ask for something.
    package static func project(_ wish: String = "plain") -> String { "\(wish)-\(UUID().uuidString.prefix(13).lowercased())" }

    package func dsn(_ project: String) -> String { "http://\(Self.key)@127.0.0.1:\(port)/\(project)" }

    /// Everything that arrived for a project, the oldest first.
    package func arrived(_ project: String) throws -> [[String: Any]] {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/events").filter { $0.hasSuffix(".json") }.sorted()
        return try names.compactMap { name in
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/events/\(name)"))
            return try JSONSerialization.jsonObject(with: data) as? [String: Any]
        }.filter { $0["project"] as? String == project }
    }

    /// Waits for so many, for as long as a busy machine may take.
    package func arrived(_ project: String, count: Int) async throws -> [[String: Any]] {
        for _ in 0..<3000 {
            let events = try arrived(project)
            if events.count >= count { return events }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw PostgresServer.Failure(description: "of \(count) events \(try arrived(project).count) arrived")
    }

    /// The statuses of the answers that a project had.
    package func statuses(_ project: String) throws -> [String] {
        try String(contentsOfFile: "\(folder)/requests", encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("\(project) ") }
            .map { String($0.dropFirst(project.utf8.count + 1)) }
    }
}
