import Foundation

/// A receiver of traces that takes nothing which is not exactly as OpenTelemetry's definitions have it (scripts/test-otlp).
package final class OTLPReceiver: Sendable {
    /// A span as it arrived.
    package struct Span: Decodable, Sendable {
        package struct Event: Decodable, Sendable {
            package var name: String
            package var attributes: [String: Value]
        }
        package struct Link: Decodable, Sendable, Equatable {
            package var trace: String
            package var id: String
            package var state: String
        }
        package var trace: String
        package var id: String
        /// Empty for a root.
        package var parent: String
        package var name: String
        /// 1 internal, 2 server, 3 client.
        package var kind: Int
        package var state: String
        package var isRemote: Bool
        /// 0 unset, 1 ok, 2 error.
        package var status: Int
        package var start: UInt64
        package var end: UInt64
        package var attributes: [String: Value]
        package var events: [Event]
        package var links: [Link]
        package var dropped: [Int]

        package func text(_ name: String) -> String? { if case .text(let text)? = attributes[name] { text } else { nil } }
        package func number(_ name: String) -> Double? { if case .number(let number)? = attributes[name] { number } else { nil } }
    }

    package enum Value: Decodable, Sendable, Equatable {
        case text(String)
        case truth(Bool)
        case number(Double)
        case list([Value])

        package init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let truth = try? container.decode(Bool.self) {
                self = .truth(truth)
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .list(try container.decode([Value].self))
            }
        }
    }

    package struct Batch: Decodable, Sendable {
        package var fault: String?
        package var resource: [String: Value]?
        package var scope: [String]?
        package var spans: [Span]?
        /// Of the request's header, in lower case.
        package var fields: [String: String]
    }

    private let script: ServingScript
    private let folder: URL
    private let ports: [String: String]

    /// Starts it; it ends with ``stop()`` or with this process. Blocks the thread.
    package init() throws {
        script = try ServingScript("test-otlp")
        folder = URL(fileURLWithPath: script.words.first ?? "").appendingPathComponent("batches")
        ports = Dictionary(
            uniqueKeysWithValues: script.words.dropFirst().map { word in
                let pair = word.split(separator: "=").map(String.init)
                return (pair[0], pair[1])
            })
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` names.
    ///
    /// - Parameter way: `taking`, `hanging` or `refusing`.
    package func endpoint(_ way: String = "taking") -> String { "http://127.0.0.1:\(ports[way] ?? "")" }

    /// What has arrived, in its order.
    package func batches() throws -> [Batch] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
            .map { try JSONDecoder().decode(Batch.self, from: Data(contentsOf: $0)) }
    }

    package func spans() throws -> [Span] { try batches().flatMap { $0.spans ?? [] } }

    package func stop() {
        script.stop()
    }
}
