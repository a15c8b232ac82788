import Foundation
import PostgresServing

@testable import SeaworthyMail

/// Servers that speak SMTP (scripts/test-smtp), started by the first test that asks; they go with this process.
final class SMTPServer: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// A mail as it arrived, and what Python's parser makes of it.
    struct Arrived: Decodable {
        let from: String
        let to: [String]
        let bytes: Data
        let greeting: String
        let user: String?
        let isEncrypted: Bool
        let options: [String]
        let subject: String
        let text: String
        let type: String
        let date: String
        let defects: [String]
        let sender: [[String]]
        let receivers: [String]
        let fields: [String]
    }

    static let user = "user"
    static let password = "p@ss:w/rd"
    private static let shared = Task { try await start() }

    let folder: String
    private let ports: [String: Int]
    private let script: ServingScript

    static func running() async throws -> SMTPServer { try await shared.value }

    private static func start() async throws -> SMTPServer {
        try await PostgresServer.onThread { try SMTPServer() }
    }

    private init() throws {
        script = try ServingScript("test-smtp")
        guard script.words.count == 8, let folder = script.words.first else {
            throw Failure(description: "scripts/test-smtp said: \(script.words)")
        }
        self.folder = folder
        ports = Dictionary(
            uniqueKeysWithValues: script.words.dropFirst().compactMap { word in
                let parts = word.split(separator: "=")
                return Int(parts[1]).map { (String(parts[0]), $0) }
            })
    }

    /// The certificate that the servers have, and that signs itself.
    var authority: String { "ca=\(folder)/authority.pem" }

    func port(_ name: String) -> Int { ports[name] ?? 0 }

    /// - Parameter credentials: user and password as they stand in a URL.
    func location(_ name: String, _ options: String = "", host: String = "localhost", credentials: String? = nil) throws -> SMTPLocation {
        let scheme = name == "tls" ? "smtps" : "smtp"
        return try SMTPLocation(
            "\(scheme)://\(credentials.map { "\($0)@" } ?? "")\(host):\(port(name))\(options.isEmpty ? "" : "?\(options)")")
    }

    func delivery(
        _ name: String, _ options: String = "", host: String = "localhost", credentials: String? = nil,
        settings: SMTPSettings = SMTPSettings()
    ) throws -> SMTPDelivery {
        try SMTPDelivery(
            location(name, options, host: host, credentials: credentials), sender: MailSender("Shop <shop@sender.example>"),
            settings: settings)
    }

    /// Everything that arrived for an address.
    func arrived(for address: String) throws -> [Arrived] {
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/mails").filter { $0.hasSuffix(".json") }
        let decoder = JSONDecoder()
        return try names.map { try decoder.decode(Arrived.self, from: Data(contentsOf: URL(fileURLWithPath: "\(folder)/mails/\($0)"))) }
            .filter { $0.to.contains(address) }
    }

    /// An address that no other test has, which asks the server for something.
    static func address(_ wish: String = "someone") -> String {
        "\(wish)-\(UUID().uuidString.prefix(13).lowercased())@receiver.example"
    }
}

/// A mail to send.
func makeMail(
    to: String..., subject: String = "Some subject", text: String = "Some text\n", from: String = "Shop <shop@sender.example>"
) throws -> OutgoingMail {
    try OutgoingMail(MailMessage(to: to, subject: subject, text: text), from: MailSender(from), time: 1_795_893_859_000_000)
}

/// The ``MailError`` that `body` throws; nil when it throws none.
func mailError(_ body: () async throws -> Void) async -> MailError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? MailError
    }
}
