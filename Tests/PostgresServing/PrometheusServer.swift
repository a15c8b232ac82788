import Foundation

/// A real Prometheus (scripts/test-prometheus) that scrapes every second; it goes with this process.
package struct PrometheusServer: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private let port: Int
    private let script: ServingScript

    /// - Parameter addresses: of servers, such as `http://127.0.0.1:8080`.
    package static func start(scraping addresses: String...) async throws -> PrometheusServer {
        let targets = addresses.map { $0.replacingOccurrences(of: "http://", with: "") }
        let script = try await PostgresServer.onThread { try ServingScript("test-prometheus", targets) }
        guard let port = script.words.first.flatMap(Int.init) else {
            throw Failure(description: "scripts/test-prometheus said: \(script.words)")
        }
        return PrometheusServer(port: port, script: script)
    }

    package func stop() { script.stop() }

    /// Whether an expression has a result now, as a query of Prometheus' language.
    package func has(_ expression: String) async throws -> Bool {
        try await !ask("query?query=\(Self.encoded(expression))").contains(#""result":[]"#)
    }

    /// The exemplars of a series within the last minutes, as JSON.
    package func exemplars(of series: String) async throws -> String {
        let now = Date().timeIntervalSince1970
        return try await ask("query_exemplars?query=\(Self.encoded(series))&start=\(now - 600)&end=\(now + 60)")
    }

    private func ask(_ question: String) async throws -> String {
        let address = "http://127.0.0.1:\(port)/api/v1/\(question)"
        let (status, text, errors) = try await PostgresServer.onThread { try SpawnedProcess.run("curl", ["-s", address]) }
        guard status == 0, text.contains(#""status":"success""#) else { throw Failure(description: "\(question): \(text)\(errors)") }
        return text
    }

    private static func encoded(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" }

    /// Waits until it has; a test that waits for ever is ended by its time limit.
    package func wait(for expression: String) async throws {
        while try await !has(expression) { try await Task.sleep(for: .milliseconds(200)) }
    }
}
