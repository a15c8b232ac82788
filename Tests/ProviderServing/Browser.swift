import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// Gets pages and sends forms, keeps cookies, and follows no redirect by itself.
package final class Browser: Sendable {
    package struct Page: Sendable {
        package var status: Int
        package var location: String?
        package var body: String
    }

    private static let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    private let cookies = Mutex<[String: String]>([:])

    package init() {}

    private static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        return configuration
    }

    package func cookie(_ name: String) -> String? { cookies.withLock { $0[name] } }

    package func get(_ url: String) async throws -> Page { try await send(HTTPClientRequest(url: url)) }

    package func post(_ url: String, _ form: [(String, String)]) async throws -> Page {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
        request.body = .bytes(
            ByteBuffer(string: form.map { "\(Self.escaped($0.0))=\(Self.escaped($0.1))" }.joined(separator: "&")))
        return try await send(request)
    }

    private func send(_ request: HTTPClientRequest) async throws -> Page {
        var request = request
        let kept = cookies.withLock { $0 }
        if !kept.isEmpty { request.headers.add(name: "cookie", value: kept.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")) }
        let response = try await Self.http.execute(request, timeout: .seconds(60))
        for cookie in response.headers["set-cookie"] {
            let pair = cookie.prefix { $0 != ";" }
            cookies.withLock { $0[String(pair.prefix { $0 != "=" })] = String(pair.drop { $0 != "=" }.dropFirst()) }
        }
        let body = try await response.body.collect(upTo: 1 << 22)
        return Page(status: Int(response.status.code), location: response.headers.first(name: "location"), body: String(buffer: body))
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
