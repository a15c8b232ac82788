import Foundation

/// Prometheus' own judge of what it scrapes.
package enum Promtool {
    /// What `promtool check metrics` says of a text; nothing when it is as it should be.
    package static func complaints(of text: String) async throws -> String {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("seaworthy-metrics-\(UUID().uuidString)")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try await PostgresServer.onThread {
            let (status, output, errors) = try SpawnedProcess.run("sh", ["-c", "exec promtool check metrics < \"$0\"", file.path])
            return status == 0 ? output + errors : "promtool ended with \(status): \(output)\(errors)"
        }
    }
}
