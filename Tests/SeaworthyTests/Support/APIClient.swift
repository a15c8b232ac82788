import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import SeaworthySchema
import Testing

/// A client of a running server.
struct APIClient: Sendable {
    struct Answer: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: String

        var json: JSONValue {
            get throws { try JSONParser.parse(body) }
        }

        /// The value behind a path of members and indexes: `data.0.OrderID`.
        func value(_ path: String) throws -> JSONValue {
            var value = try json
            for step in path.split(separator: ".").map(String.init) {
                switch value {
                case .object(let object): value = try #require(object[step], "no member \(step) in \(body)")
                case .array(let elements):
                    let index = try #require(Int(step))
                    value = try #require(elements.indices.contains(index) ? elements[index] : nil, "no element \(step) in \(body)")
                default: throw DecodingFailure(path: path, body: body)
                }
            }
            return value
        }

        func text(_ path: String) throws -> String {
            guard case .string(let text) = try value(path) else { throw DecodingFailure(path: path, body: body) }
            return text
        }

        func list(_ path: String) throws -> [JSONValue] {
            guard case .array(let elements) = try value(path) else { throw DecodingFailure(path: path, body: body) }
            return elements
        }

        /// The codes of `errors`, in their order.
        var errorCodes: [String] {
            get throws {
                try list("errors").map { error in
                    guard case .object(let object) = error, case .string(let code)? = object["code"] else { return "?" }
                    return code
                }
            }
        }
    }

    struct DecodingFailure: Error {
        var path: String
        var body: String
    }

    /// Follows no redirect: an answer is what was answered. Never let go of, since it would have to be closed first.
    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.redirectConfiguration = .disallow
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    let address: String
    /// What every answer is held to, where it is known.
    var document: DocumentedAPI?

    init(address: String) {
        self.address = address
    }

    /// The same client, which records an issue for each answer that the server's own document does not describe.
    func documented() async throws -> APIClient {
        var client = self
        client.document = DocumentedAPI(try await get("/openapi.json").json)
        return client
    }

    func get(_ path: String, headers: HTTPHeaders = [:]) async throws -> Answer {
        try await send(.GET, path, headers: headers)
    }

    func post(_ path: String, _ body: String, headers: HTTPHeaders = ["Content-Type": "application/json"]) async throws -> Answer {
        try await send(.POST, path, headers: headers, body: body)
    }

    func patch(_ path: String, _ body: String, headers: HTTPHeaders = ["Content-Type": "application/merge-patch+json"]) async throws
        -> Answer
    {
        try await send(.PATCH, path, headers: headers, body: body)
    }

    func delete(_ path: String, headers: HTTPHeaders = [:]) async throws -> Answer {
        try await send(.DELETE, path, headers: headers)
    }

    func send(_ method: HTTPMethod, _ path: String, headers: HTTPHeaders = [:], body: String? = nil) async throws -> Answer {
        var request = HTTPClientRequest(url: address + path)
        request.method = method
        request.headers = headers
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        // Long enough for a machine that is busy with other tests; nothing here is measured.
        let response = try await Self.http.execute(request, timeout: .seconds(60))
        let bytes = try await response.body.collect(upTo: 64 * 1024 * 1024)
        let answer = Answer(status: Int(response.status.code), headers: response.headers, body: String(buffer: bytes))
        for problem in document?.problems(method.rawValue, path, answer) ?? [] {
            Issue.record("\(method.rawValue) \(path): \(problem)")
        }
        return answer
    }
}

extension String {
    /// Everything but unreserved characters as `%XX`, for a value in a query.
    var escaped: String {
        utf8.reduce(into: "") { text, byte in
            let scalar = Unicode.Scalar(byte)
            if scalar.isASCII,
                scalar.properties.isAlphabetic || scalar.properties.numericType != nil || "-._~".unicodeScalars.contains(scalar)
            {
                text.unicodeScalars.append(scalar)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                text += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
    }
}
