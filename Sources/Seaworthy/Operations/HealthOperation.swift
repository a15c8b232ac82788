import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// `seaworthy health`: whether a server is ready, for a container's health check.
package struct HealthOperation: Sendable {
    package struct Report: Sendable {
        package var isReady: Bool
        /// What the server answered, or why nothing did.
        package var text: String
    }

    /// How long the server may take to answer.
    static let timeout: TimeAmount = .seconds(5)
    static let maximumAnswerBytes = 64 * 1024

    /// What answers at this machine's own address shows a certificate for another name. Lasts as long as the process.
    private static let home: HTTPClient = {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.tlsConfiguration = .makeClientConfiguration()
        configuration.tlsConfiguration?.certificateVerification = .none
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    private let url: String?

    /// - Parameter url: the server, or its readiness route; nil takes HOST and PORT of the environment.
    package init(url: String?) {
        self.url = url
    }

    package func run() async throws -> Report {
        let address = try address()
        do {
            let client = url == nil ? Self.home : HTTPClient.shared
            let response = try await client.execute(HTTPClientRequest(url: address), timeout: Self.timeout)
            let body = try await response.body.collect(upTo: Self.maximumAnswerBytes)
            return Report(isReady: response.status == .ok, text: "\(response.status.code) \(String(buffer: body))")
        } catch {
            return Report(isReady: false, text: "\(address) does not answer")
        }
    }

    private func address() throws -> String {
        guard let url else {
            let settings = try Operations.settings(logDescriptor: 2, makesKeys: false)
            let http = settings.http
            // What listens everywhere is asked at home.
            let host = ["0.0.0.0": "127.0.0.1", "::": "::1"][http.host] ?? http.host
            return "\(settings.web.tls == nil ? "http" : "https")://\(host.contains(":") ? "[\(host)]" : host):\(http.port)/readyz"
        }
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw OperationFailure("«\(url)» is no http or https URL. Fix: write --url http://HOST:PORT")
        }
        let isBare = !url.dropFirst("https://".count).contains("/") || url.hasSuffix("/")
        return isBare ? (url.hasSuffix("/") ? String(url.dropLast()) : url) + "/readyz" : url
    }
}
