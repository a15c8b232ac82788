import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import SeaworthySchema
import Tracing

/// Asks a provider, within bounds: no redirect, a whole time, a whole size.
struct ProviderClient: Sendable {
    struct Answer: Sendable {
        var status: Int
        var body: [UInt8]

        /// The answer's object where it is one.
        var object: JSONObject? { try? JSONObject(parsing: body) }
    }

    static let maximumAnswerBytes = 1 << 20
    private static let connectTimeout: TimeAmount = .seconds(5)
    /// Shorter than any server keeps a connection, so that a code is never sent into one that is just being closed.
    private static let idleTimeout: TimeAmount = .seconds(2)

    /// One for the process: a client that is let go of without being closed ends it, and one that idles holds no connection for long.
    private static let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)

    private static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = connectTimeout
        configuration.connectionPool.idleTimeout = idleTimeout
        configuration.connectionPool.retryConnectionEstablishment = false
        // Its own spans would tell whole addresses, and what they hold in their queries.
        configuration.tracing.tracer = nil
        return configuration
    }

    /// The JSON object at an address.
    ///
    /// - Parameter what: for the log, in place of the address.
    func object(
        at address: String, _ what: String, headers: [(String, String)] = [], timeout: Duration
    ) async throws -> JSONObject {
        let answer = try await send(.GET, address, what, headers: headers, timeout: timeout)
        guard answer.status == 200 else {
            let isFault = answer.status >= 500 || answer.status == 429
            throw OpenIDError(isFault ? .unavailable : .invalidAnswer, "\(what) answers with status \(answer.status)")
        }
        do {
            return try JSONObject(parsing: answer.body)
        } catch {
            throw OpenIDError(.invalidAnswer, "\(what) is no JSON object: \(error.summary)")
        }
    }

    /// - Throws: `unavailable` without an answer in time, `invalidAnswer` for one that is too large.
    func send(
        _ method: HTTPMethod, _ address: String, _ what: String, headers: [(String, String)] = [], body: String? = nil, timeout: Duration
    ) async throws -> Answer {
        try await InstrumentationSystem.tracer.withSpan(method.rawValue, ofKind: .client) { span in
            var attributes: SpanAttributes = ["http.request.method": .string(method.rawValue), "seaworthy.call": .string(what)]
            if let host = ProviderURL(address)?.host { attributes["server.address"] = host }
            defer { span.attributes = attributes }
            var headers = headers
            InstrumentationSystem.instrument.inject(span.context, into: &headers, using: FieldInjector())
            do {
                let answer = try await exchange(method, address, what, headers: headers, body: body, timeout: timeout)
                attributes["http.response.status_code"] = answer.status
                if answer.status >= 400 {
                    attributes["error.type"] = "\(answer.status)"
                    span.setStatus(SpanStatus(code: .error))
                }
                return answer
            } catch {
                attributes["error.type"] = (error as? OpenIDError)?.code.rawValue ?? "cancelled"
                throw error
            }
        }
    }

    private func exchange(
        _ method: HTTPMethod, _ address: String, _ what: String, headers: [(String, String)], body: String?, timeout: Duration
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: address)
        request.method = method
        request.headers.add(name: "accept", value: "application/json")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let sent = request
        do {
            // The client's own deadline ends with the head of the answer, and a body that trickles would go on.
            return try await withThrowingTaskGroup(of: Answer?.self) { group in
                group.addTask { try await answer(to: sent) }
                group.addTask {
                    try await Task.sleep(for: timeout)
                    return nil
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let answer = first else {
                    throw OpenIDError(.unavailable, "\(what) takes longer than \(timeout)")
                }
                return answer
            }
        } catch let error as OpenIDError {
            throw error
        } catch is NIOTooManyBytesError {
            throw OpenIDError(.invalidAnswer, "\(what) has more than \(Self.maximumAnswerBytes) bytes")
        } catch {
            try Task.checkCancellation()
            throw OpenIDError(.unavailable, "\(what) cannot be reached: \(error)")
        }
    }

    private func answer(to request: HTTPClientRequest) async throws -> Answer {
        let response = try await Self.http.execute(request, deadline: .distantFuture)
        let body = try await response.body.collect(upTo: Self.maximumAnswerBytes)
        return Answer(status: Int(response.status.code), body: Array(body.readableBytesView))
    }
}

private struct FieldInjector: Injector {
    func inject(_ value: String, forKey name: String, into fields: inout [(String, String)]) {
        fields.append((name, value))
    }
}
