import HTTPTypes
import HummingbirdCore
import NIOCore
import SeaworthyData
import SeaworthySchema

/// `/v1/auth/oidc/…`: signing in with a provider, by the browser.
///
/// What belongs to a sign-in that is under way stays with the browser in a cookie, sealed. At its end the browser gets the tokens as
/// `login` answers them, or goes on to a path of the application with a code in the fragment, which the page there trades for tokens.
struct ProviderRoutes: Sendable {
    private let identities: Identities
    private let answers: IdentityAnswers
    private let beginning: SessionBeginning
    private let now: @Sendable () -> Int64
    /// A secure cookie needs HTTPS; without it there is development.
    private let isSecure: Bool

    init(_ identities: Identities, browser: BrowserSessions, now: @escaping @Sendable () -> Int64) {
        self.identities = identities
        answers = IdentityAnswers(model: identities.model)
        beginning = SessionBeginning(identities: identities, browser: browser, answers: answers)
        self.now = now
        isSecure = identities.settings.publicURL?.hasPrefix("https://") ?? false
    }

    var routes: [Route] {
        guard !identities.model.providers.isEmpty else { return [] }
        return [
            Route(.get, "/v1/auth/oidc/{provider}", operation: "beginProviderLogin", identification: .none, handler: begin),
            Route(
                .get, "/v1/auth/oidc/{provider}/callback", operation: "finishProviderLogin", identification: .none, counting: .signIn,
                handler: finish),
            Route(.post, "/v1/auth/oidc/{provider}/token", operation: "providerLogin", identification: .none, handler: token),
        ]
    }

    @Sendable private func begin(_ exchange: HTTPExchange) async throws -> Response {
        var target: String?
        for item in try exchange.queryItems() {
            guard item.name == "redirect", target == nil else { throw Problem.unknownParameter(item.name) }
            guard Self.isPath(item.value) else {
                throw Problem.badParameter(
                    "redirect", code: ProblemCode("invalid_parameter"),
                    detail: "The parameter \"redirect\" is a path of this application, such as /app, without a fragment.")
            }
            target = item.value
        }
        let name = try provider(exchange)
        let (url, kept) = try await identities.beginProviderSignIn(name, target: target, now: now())
        var response = Response(status: .seeOther, headers: [.location: url, .cacheControl: "no-store"])
        setCookie(kept, path: name, in: &response)
        return response
    }

    @Sendable private func finish(_ exchange: HTTPExchange) async throws -> Response {
        let name = try provider(exchange)
        let parameters = try exchange.queryItems().map { ($0.name, $0.value) }
        let outcome = try await identities.finishProviderSignIn(
            name, parameters: parameters, kept: exchange.cookie(cookieName), answers.context(exchange, now()))
        var response: Response
        switch outcome {
        case .signedIn(let signedIn):
            response = answers.answer(.ok, ["data": answers.tokens(signedIn)])
            setCookie(nil, path: name, in: &response)
        case .redirect(let target, let code, let kept):
            response = Response(status: .seeOther, headers: [.location: "\(target)#code=\(code)", .cacheControl: "no-store"])
            setCookie(kept, path: name, in: &response)
        }
        return response
    }

    @Sendable private func token(_ exchange: HTTPExchange) async throws -> Response {
        var body = try await answers.members(exchange, ["code", "mode"])
        let code = body.text("code", atMost: 256)
        let mode = body.sessionMode()
        try body.finish()
        let (name, kept) = (try provider(exchange), exchange.cookie(cookieName))
        return try await beginning.answer(mode, exchange, now: now()) { [identities] context in
            try await identities.signIn(handedOver: code, kept: kept, by: name, context)
        }
    }

    private func provider(_ exchange: HTTPExchange) throws(Problem) -> String {
        try percentDecoded(exchange.parameters["provider"] ?? "", parameter: "provider")
    }

    /// A path of this application and nothing that a browser takes for another's address, or for more than one header field.
    static func isPath(_ text: String) -> Bool {
        text.hasPrefix("/") && !text.hasPrefix("//") && text.utf8.count <= 1024
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "#") }
    }

    // MARK: The cookie

    /// Bound to the host by its name where it may be (RFC 6265bis section 4.1.3).
    private var cookieName: String { isSecure ? "__Secure-seaworthy-sign-in" : "seaworthy-sign-in" }

    /// Sent to the routes of one provider alone, also when the provider sends the browser back (SameSite=Lax).
    private func setCookie(_ value: String?, path name: String, in response: inout Response) {
        let age = value == nil ? 0 : 600
        response.headers.append(
            HTTPField(
                name: .setCookie,
                value:
                    "\(cookieName)=\(value ?? ""); Path=/v1/auth/oidc/\(name); Max-Age=\(age); HttpOnly; SameSite=Lax\(isSecure ? "; Secure" : "")"
            ))
    }
}
