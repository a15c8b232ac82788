import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import SeaworthyStorage
import Tracing

/// Sends signed requests to one bucket, and again when the server or the way there failed.
struct S3Client: Sendable {
    struct Answer: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// How often a request is sent at most.
    static let attempts = 5
    /// The pause behind the first failure; it doubles.
    private static let pause: Duration = .milliseconds(200)
    private static let connectTimeout: TimeAmount = .seconds(10)
    /// How long the server may send nothing.
    private static let idleTimeout: TimeAmount = .seconds(30)
    /// How long one request may take: a part of 128 MiB at 2 MiB a second.
    private static let timeout: TimeAmount = .seconds(90)
    private static let maximumAnswerBytes = 160 << 20

    let location: S3Location
    private let signature: S3Signature
    /// One for the process: a client that is let go of without being closed ends it, and one that idles holds no connection for long.
    private static let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    private let now: @Sendable () -> Int64

    init(_ location: S3Location, _ credentials: S3Credentials, now: @escaping @Sendable () -> Int64) {
        self.location = location
        self.now = now
        signature = S3Signature(credentials: credentials, region: location.region)
    }

    private static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        // What is signed for one host is not for another.
        configuration.redirectConfiguration = .disallow
        configuration.timeout = .init(connect: connectTimeout, read: idleTimeout)
        // What is tried again is decided here, and told.
        configuration.connectionPool.retryConnectionEstablishment = false
        // Its own spans would tell whole addresses, and it would add fields to what is signed.
        configuration.tracing.tracer = nil
        return configuration
    }

    /// The answer, once it is none of a failure that may pass.
    ///
    /// - Parameter key: nil for the bucket itself.
    func send(
        _ method: HTTPMethod, key: String?, query: [(String, String)] = [], headers: [(String, String)] = [], body: [UInt8] = []
    ) async throws -> Answer {
        guard let span = Traced.start("S3 \(method.rawValue)", .client) else {
            return try await sendAsOften(method, key: key, query: query, headers: headers, body: body)
        }
        span.attributes = [
            "http.request.method": .string(method.rawValue), "server.address": .string(location.endpoint),
            "http.request.body.size": .int64(Int64(body.count)),
        ]
        return try await Traced.within(span) {
            let answer = try await sendAsOften(method, key: key, query: query, headers: headers, body: body)
            span.updateAttributes { $0["http.response.status_code"] = answer.status }
            return answer
        }
    }

    private func sendAsOften(
        _ method: HTTPMethod, key: String?, query: [(String, String)], headers: [(String, String)], body: [UInt8]
    ) async throws -> Answer {
        var attempt = 0
        while true {
            attempt += 1
            let failure: String
            do {
                let answer = try await sendOnce(method, key: key, query: query, headers: headers, body: body)
                guard [408, 429].contains(answer.status) || answer.status >= 500 else { return answer }
                guard attempt < Self.attempts else { return answer }
                failure = "status \(answer.status)"
            } catch let error as CancellationError {
                throw error
            } catch {
                failure = "\(error)"
                try Task.checkCancellation()
            }
            guard attempt < Self.attempts else {
                throw BackupError(
                    .storeFailed, "\(location.endpoint) does not answer: \(failure)",
                    fix: "check BACKUP_S3_URL, its endpoint and region, and the way there")
            }
            // Another time for each, so that the same ones do not meet again.
            try await Task.sleep(for: Self.pause * (1 << (attempt - 1)) * Double.random(in: 0.5...1))
        }
    }

    private func sendOnce(
        _ method: HTTPMethod, key: String?, query: [(String, String)], headers: [(String, String)], body: [UInt8]
    ) async throws -> Answer {
        let path = location.path(key)
        let text = S3Signature.text(of: query)
        let signed = signature.signed(
            method.rawValue, path: path, query: query, headers: headers + [("host", location.endpoint)], payload: body, time: now())
        var request = HTTPClientRequest(
            url: "\(location.isEncrypted ? "https" : "http")://\(location.endpoint)\(path)\(text.isEmpty ? "" : "?\(text)")")
        request.method = method
        for (name, value) in signed where name != "host" { request.headers.add(name: name, value: value) }
        if !body.isEmpty || method == .PUT { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await Self.http.execute(request, deadline: .now() + Self.timeout)
        let content = try await response.body.collect(upTo: Self.maximumAnswerBytes)
        return Answer(status: Int(response.status.code), headers: response.headers, body: Array(content.readableBytesView))
    }

    /// What a refusal means for whoever set it up.
    func refusal(_ answer: Answer, _ what: String) -> BackupError {
        let code = S3Text.value("Code", in: answer.text) ?? "status \(answer.status)"
        let message = S3Text.value("Message", in: answer.text).map { ", \($0)" } ?? ""
        let fix =
            switch code {
            case "NoSuchBucket": "make the bucket, or correct BACKUP_S3_URL"
            case "AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect":
                "set the region of the bucket: BACKUP_S3_URL=…?region="
            case "RequestTimeTooSkewed": "set the clock of this machine"
            default:
                answer.status >= 500
                    ? "try again later; the server has a fault"
                    : "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the rights on the bucket"
            }
        return BackupError(.storeFailed, "\(location.description) refuses \(what): \(code)\(message)", fix: fix)
    }
}
