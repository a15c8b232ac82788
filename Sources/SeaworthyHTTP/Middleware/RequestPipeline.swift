import HTTPTypes
package import HummingbirdCore
package import Logging
import SeaworthyData
import SeaworthyStorage
package import Tracing

/// The one pass around every request: route, handler, errors to problems.
///
/// The request's id is settled before, and the fixed fields of every answer are written after it, by the connection: what refuses a
/// request before it gets here has them as well.
package struct RequestPipeline: Sendable {
    /// Turns an error of another target into an answer; nil for a fault of the server, which becomes 500.
    package typealias ProblemMapping = @Sendable (any Error) -> Problem?

    package let routes: RouteTable
    private let hidden: HiddenRoutes?
    private let files: StaticFiles?
    private let problemMapping: ProblemMapping
    /// Writes into a request who makes it. What it throws is the answer.
    package typealias Identification = @Sendable (inout HTTPExchange) async throws -> Void

    let accessLog: @Sendable (AccessRecord) -> Void
    /// Told of each answer of 5xx.
    let faultReport: (@Sendable (RequestFault) -> Void)?
    let metrics: HTTPMetrics?
    private let identify: Identification?
    private let limiter: RequestLimiter?
    private let requirement: HTTPSRequirement?
    private let sharing: CrossOriginSharing?
    private let tracksConsistency: Bool
    /// Makes a span for each request; nil makes none.
    let tracer: (any Tracer)?
    private let logger: Logger

    /// - Parameters:
    ///   - hidden: what only some see.
    ///   - files: what answers where no route does.
    ///   - limiter: what counts requests; nil counts none.
    ///   - requirement: what does not come by HTTPS is not answered.
    ///   - allowed: whose pages may call the server, beside its own.
    ///   - faultReport: told of each answer of 5xx, on an event loop: it must not wait.
    ///   - metrics: nil measures nothing.
    ///   - tracksConsistency: whether replicas answer reads, so that writes carry a token and reads bring it.
    package init(
        routes: RouteTable,
        hidden: HiddenRoutes? = nil,
        files: StaticFiles? = nil,
        problemMapping: @escaping ProblemMapping = { _ in nil },
        identify: Identification? = nil,
        limiter: RequestLimiter? = nil,
        requirement: HTTPSRequirement? = nil,
        allowed: AllowedOrigins = AllowedOrigins(),
        tracksConsistency: Bool = false,
        accessLog: @escaping @Sendable (AccessRecord) -> Void = { _ in },
        faultReport: (@Sendable (RequestFault) -> Void)? = nil,
        metrics: HTTPMetrics? = nil,
        tracer: (any Tracer)? = nil,
        logger: Logger
    ) {
        self.routes = routes
        self.hidden = hidden
        self.files = files
        self.problemMapping = problemMapping
        self.identify = identify
        self.limiter = limiter
        self.requirement = requirement
        sharing = allowed.isEmpty ? nil : CrossOriginSharing(allowed: allowed)
        self.tracksConsistency = tracksConsistency
        self.accessLog = accessLog
        self.faultReport = faultReport
        self.metrics = metrics
        self.tracer = tracer
        self.logger = logger
    }

    /// An answer, and the template of the route that gave it.
    package struct Answer: Sendable {
        package internal(set) var response: Response
        package let routeTemplate: String?
        /// What a 5xx came of.
        var cause: RequestFault.Cause?
    }

    /// Answers a request. Whatever goes wrong is an answer too.
    package func answer(_ exchange: HTTPExchange) async -> Answer {
        var match = routes.match(exchange.method, exchange.path)
        if case .notFound = match, let seen = hidden?.match(exchange) { match = seen }
        if let requirement, !exchange.isSecure, !match.isProbe {
            return Answer(response: answering(exchange) { try requirement.redirect(exchange) }, routeTemplate: match.template)
        }
        guard let sharing, let group = RouteGroup(path: exchange.path) else { return await answer(exchange, match) }
        var answer: Answer
        if case .options(let methods, let template) = match {
            let response = answering(exchange) { try sharing.preflight(exchange, group, methods: methods) ?? Self.options(methods) }
            answer = Answer(response: response, routeTemplate: template)
        } else {
            answer = await self.answer(exchange, match)
        }
        sharing.mark(&answer.response, exchange, group)
        return answer
    }

    private func answer(_ exchange: HTTPExchange, _ match: RouteTable.Match) async -> Answer {
        switch match {
        case .found(let route, let values):
            var exchange = exchange
            if !values.isEmpty {
                exchange.parameters = PathParameters(names: route.parameterNames, values: values)
            }
            guard tracksConsistency else { return await handled(exchange, by: route, nil) }
            let consistency = ConsistencyToken.consistency(of: exchange, by: route)
            var answer = await handled(exchange, by: route, consistency)
            // Also of a failure: part of what was asked for may have been written.
            ConsistencyToken.write(consistency, into: &answer.response)
            return answer
        case .methodNotAllowed(let methods, let template):
            return Answer(
                response: Problem.methodNotAllowed(allow: methods).response(requestID: exchange.requestID), routeTemplate: template)
        case .options(let methods, let template):
            return Answer(response: Self.options(methods), routeTemplate: template)
        case .notFound:
            return await file(exchange)
        }
    }

    private func handled(_ exchange: HTTPExchange, by route: Route, _ consistency: ReadConsistency?) async -> Answer {
        var exchange = exchange
        var limit: RateLimitFields?
        var answer: Answer
        do {
            // Who makes the request is never read from a replica: what was revoked must not come back.
            if let identify, route.identification == .asked {
                do {
                    try await Self.traced(identify, &exchange)
                } catch {
                    limit = try await limiter?.countStranger(exchange, route)
                    throw error
                }
            }
            limit = try await limiter?.count(exchange, route)
            var response: Response
            let handler = route.actsOnAccounts ? Self.known(route.handler, as: exchange.actor) : route.handler
            if let consistency {
                response = try await ReadConsistency.$current.withValue(consistency) { [exchange] in try await handler(exchange) }
            } else {
                response = try await handler(exchange)
            }
            // What somebody may see is for nobody else who shares a cache, or the browser, with them.
            if exchange.isIdentified, response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
            answer = Answer(response: response, routeTemplate: route.path)
        } catch {
            answer = failure(error, of: exchange, routeTemplate: route.path)
        }
        limit?.write(into: &answer.response.headers)
        return answer
    }

    /// Who it is, as a span: it may take statements of its own.
    private static func traced(_ identify: Identification, _ exchange: inout HTTPExchange) async throws {
        guard let span = Traced.start("access") else { return try await identify(&exchange) }
        defer { span.end() }
        do {
            exchange = try await InstrumentationContext.$current.withValue(span.context) { [exchange] in
                var exchange = exchange
                try await identify(&exchange)
                return exchange
            }
        } catch {
            // A refusal is no failure of the server's.
            span.attributes = ["seaworthy.access.by": .string("refused")]
            throw error
        }
        let way = exchange.apiKey != nil ? "key" : exchange.hasSessionCookies ? "cookies" : exchange.isIdentified ? "token" : "nobody"
        span.attributes = ["seaworthy.access.by": .string(way)]
    }

    private static func known(_ handler: @escaping Route.Handler, as actor: SecurityActor) -> Route.Handler {
        { exchange in try await SecurityActor.$current.withValue(actor) { try await handler(exchange) } }
    }

    private func file(_ exchange: HTTPExchange) async -> Answer {
        do {
            if let response = try await files?.answer(exchange) { return Answer(response: response, routeTemplate: nil) }
            throw Problem.notFound()
        } catch {
            return failure(error, of: exchange, routeTemplate: nil)
        }
    }

    private func answering(_ exchange: HTTPExchange, _ body: () throws -> Response) -> Response {
        do {
            return try body()
        } catch {
            return problem(of: error, requestID: exchange.requestID).response(requestID: exchange.requestID)
        }
    }

    /// What a path takes (RFC 9110, 9.3.7).
    static func options(_ methods: [HTTPRequest.Method]) -> Response {
        Response(status: .noContent, headers: [.allow: methods.map(\.rawValue).joined(separator: ", ")])
    }

    /// The answer to an error, and what it came of where that is a fault of the server.
    func failure(_ error: any Error, of exchange: HTTPExchange, routeTemplate: String?) -> Answer {
        let problem = problem(of: error, requestID: exchange.requestID)
        var answer = Answer(response: problem.response(requestID: exchange.requestID), routeTemplate: routeTemplate)
        if faultReport != nil, problem.status.code >= 500 {
            let userID = exchange.authentication?.user.id ?? exchange.apiKey?.user.id
            answer.cause = RequestFault.Cause(error: error, code: problem.code, userID: userID)
        }
        return answer
    }

    /// What an error is to the client: a problem as it stands, another by the mapping, else 500 with the error in the log only.
    private func problem(of error: any Error, requestID: String) -> Problem {
        if let problem = error as? Problem ?? problemMapping(error) { return problem }
        // Only a client that has gone cancels its request: nobody reads this answer, and nothing is wrong with the server.
        if error is CancellationError { return .unavailable("The request was cancelled.") }
        logger.error("request failed", metadata: ["requestId": "\(requestID)", "error": "\(String(reflecting: error))"])
        return .internalError()
    }
}
