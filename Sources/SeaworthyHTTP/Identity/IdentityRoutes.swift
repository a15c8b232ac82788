import HTTPTypes
import HummingbirdCore
import NIOCore
import SeaworthyData
import SeaworthySchema

/// `/v1/auth/…`: signing in and out, and what people do with their own account; `/v1/users/…`: what administrators do with everybody's. None
/// of it is ever kept by a cache.
struct IdentityRoutes: Sendable {
    let identities: Identities
    let now: @Sendable () -> Int64
    let answers: IdentityAnswers
    private let browser: BrowserSessions
    private let background = BackgroundWork()

    private var beginning: SessionBeginning { SessionBeginning(identities: identities, browser: browser, answers: answers) }

    init(_ identities: Identities, browser: BrowserSessions, now: @escaping @Sendable () -> Int64) {
        self.identities = identities
        answers = IdentityAnswers(model: identities.model)
        self.browser = browser
        self.now = now
    }

    var routes: [Route] {
        signing + account + secondFactor + apiKeys + users + [
            Route(.get, "/.well-known/jwks.json", operation: "getSigningKeys", identification: .none, handler: keys)
        ]
    }

    private var signing: [Route] {
        [
            Route(.post, "/v1/auth/register", operation: "register", identification: .none, counting: .signIn, handler: register),
            Route(.post, "/v1/auth/login", operation: "login", identification: .none, counting: .signIn, handler: login),
            Route(.post, "/v1/auth/refresh", operation: "refresh", identification: .none, handler: refresh),
            Route(.get, "/v1/auth/csrf", operation: "getCsrfToken", identification: .none, handler: changeToken),
            Route(.post, "/v1/auth/email/verify", operation: "verifyEmail", identification: .none, counting: .signIn, handler: verifyEmail),
            Route(
                .post, "/v1/auth/password/forgot", operation: "forgotPassword", identification: .none, counting: .signIn,
                handler: forgotPassword),
            Route(
                .post, "/v1/auth/password/reset", operation: "resetPassword", identification: .none, counting: .signIn,
                handler: resetPassword),
        ]
    }

    private var account: [Route] {
        [
            Route(.get, "/v1/auth/me", operation: "getMe", handler: me),
            Route(.post, "/v1/auth/logout", operation: "logout", handler: logout),
            Route(.post, "/v1/auth/logout-all", operation: "logoutAll", handler: logoutAll),
            Route(.get, "/v1/auth/sessions", operation: "listSessions", handler: sessions),
            Route(.delete, "/v1/auth/sessions/{id}", operation: "endSession", handler: endSession),
            Route(.get, "/v1/auth/login-history", operation: "listSignIns", handler: signIns),
            Route(.post, "/v1/auth/password/change", operation: "changePassword", handler: changePassword),
        ]
    }

    private var secondFactor: [Route] {
        [
            Route(.post, "/v1/auth/totp/enroll", operation: "enrollTotp", handler: enrol),
            Route(.post, "/v1/auth/totp/confirm", operation: "confirmTotp", handler: confirm),
            Route(.post, "/v1/auth/totp/disable", operation: "disableTotp", handler: disable),
        ]
    }

    // MARK: Signing in

    @Sendable private func register(_ exchange: HTTPExchange) async throws -> Response {
        var body = try await answers.members(exchange, ["email", "password"])
        let (email, password) = (body.text("email", atMost: 320), body.text("password", atMost: PasswordHasher.maximumBytes))
        try body.finish()
        try await identities.register(email: email, password: password, answers.context(exchange, now()))
        return answers.answer(.accepted, ["data": ["status": "verification_sent"]])
    }

    @Sendable private func login(_ exchange: HTTPExchange) async throws -> Response {
        var body = try await answers.members(exchange, ["email", "password", "totp", "mode"])
        let (email, password) = (body.text("email", atMost: 320), body.text("password", atMost: PasswordHasher.maximumBytes))
        let code = body.optionalText("totp", atMost: 64)
        let mode = body.sessionMode()
        try body.finish()
        return try await beginning.answer(mode, exchange, now: now()) { [identities] context in
            try await identities.signIn(email: email, password: password, code: code, context)
        }
    }

    @Sendable private func refresh(_ exchange: HTTPExchange) async throws -> Response {
        let kept = browser.refreshToken(in: exchange)
        var given: String?
        if kept == nil || exchange.hasBody {
            var body = try await answers.members(exchange, ["refreshToken"])
            given = kept == nil ? body.text("refreshToken", atMost: 256) : body.optionalText("refreshToken", atMost: 256)
            try body.finish()
        } else {
            _ = try exchange.negotiated([.json])
            try answers.refuseParameters(exchange)
        }
        // A token in the body was brought on purpose, and no page of others can have it.
        guard given == nil, let kept else {
            return answers.answer(try await identities.refresh(given ?? "", answers.context(exchange, now())), .token, browser)
        }
        try browser.requireOwnChange(exchange, session: kept.session)
        do {
            return answers.answer(try await identities.refresh(kept.token, answers.context(exchange, now())), .cookie, browser)
        } catch let error as IdentityError where error.code == .invalidRefreshToken {
            throw browser.refusal(error, endsSession: true)
        }
    }

    /// The token that changes of this browser's session have to repeat.
    @Sendable private func changeToken(_ exchange: HTTPExchange) async throws -> Response {
        try answers.refuseParameters(exchange)
        _ = try exchange.negotiated([.json])
        try browser.requireOwnSite(exchange)
        // Not by the access token: that one may be over, and refreshing takes a token as well.
        guard let session = browser.refreshToken(in: exchange)?.session else {
            throw Problem.unauthenticated("This is for browsers that have signed in with the mode cookie.")
        }
        var fields: HTTPFields = [:]
        let token = browser.changeToken(of: session, exchange, in: &fields)
        var response = answers.answer(.ok, ["data": ["csrfToken": .string(token)]])
        response.headers.append(contentsOf: fields)
        return response
    }

    @Sendable private func verifyEmail(_ exchange: HTTPExchange) async throws -> Response {
        var body = try await answers.members(exchange, ["token", "password"])
        let (token, password) = (body.text("token", atMost: 256), body.optionalText("password", atMost: PasswordHasher.maximumBytes))
        try body.finish()
        let user = try await identities.verifyEmail(token, password: password, answers.context(exchange, now()))
        return answers.answer(.ok, ["data": ["email": .string(user.email), "isVerified": true]])
    }

    @Sendable private func forgotPassword(_ exchange: HTTPExchange) async throws -> Response {
        var body = try await answers.members(exchange, ["email"])
        let email = body.text("email", atMost: 320)
        try body.finish()
        // Behind the answer, whose time would tell whether there is somebody.
        let context = answers.context(exchange, now())
        await background.run { [identities] in try await identities.forgotPassword(email: email, context) }
        return answers.answer(.accepted, ["data": ["status": "sent_if_known"]])
    }

    @Sendable private func resetPassword(_ exchange: HTTPExchange) async throws -> Response {
        var body = try await answers.members(exchange, ["token", "password"])
        let (token, password) = (body.text("token", atMost: 256), body.text("password", atMost: PasswordHasher.maximumBytes))
        try body.finish()
        try await identities.resetPassword(token, password: password, answers.context(exchange, now()))
        return answers.nothing
    }

    // MARK: The own account

    @Sendable private func me(_ exchange: HTTPExchange) async throws -> Response {
        try answers.refuseParameters(exchange)
        // The one address here that keys reach: whose they are.
        guard let user = exchange.apiKey?.user ?? exchange.authentication?.user else { throw Self.unauthenticated }
        // As it is now: what the session knows may be half a second old.
        return answers.answer(.ok, ["data": UserJSON.own(try await identities.user(id: user.id), identities.model)])
    }

    @Sendable private func logout(_ exchange: HTTPExchange) async throws -> Response {
        let caller = try signedIn(exchange)
        try await identities.endSession(caller.session, of: caller.user.id, now: now())
        return signedOut(exchange)
    }

    @Sendable private func logoutAll(_ exchange: HTTPExchange) async throws -> Response {
        let caller = try signedIn(exchange)
        try await identities.endSessions(of: caller.user.id, now: now())
        return signedOut(exchange)
    }

    /// A browser keeps nothing of a session that has ended.
    private func signedOut(_ exchange: HTTPExchange) -> Response {
        var response = answers.nothing
        if exchange.hasSessionCookies { browser.end(in: &response.headers) }
        return response
    }

    @Sendable private func sessions(_ exchange: HTTPExchange) async throws -> Response {
        try answers.refuseParameters(exchange)
        let caller = try signedIn(exchange)
        let sessions = try await identities.sessions(of: caller.user.id, now: now())
        return answers.answer(.ok, ["data": .array(sessions.map { UserJSON.session($0, isCurrent: $0.id == caller.session) })])
    }

    @Sendable private func endSession(_ exchange: HTTPExchange) async throws -> Response {
        let caller = try signedIn(exchange)
        let id = try percentDecoded(exchange.parameters["id"] ?? "", parameter: "id")
        guard case .text(let session)? = try? FieldType.uuid.value(fromText: id) else {
            throw Problem.notFound("There is no such session.")
        }
        try await identities.endSession(session, of: caller.user.id, now: now())
        return session == caller.session ? signedOut(exchange) : answers.nothing
    }

    @Sendable private func signIns(_ exchange: HTTPExchange) async throws -> Response {
        try await signIns(of: try signedIn(exchange).user.id, exchange)
    }

    /// A page of somebody's attempts to sign in.
    func signIns(of user: String, _ exchange: HTTPExchange) async throws -> Response {
        let page = try IdentityPage(exchange)
        if let last = page.last, (try? FieldType.uuid.value(fromText: last)) == nil { throw IdentityPage.invalidCursor }
        let signIns = try await identities.signIns(of: user, before: page.last, limit: page.limit + 1)
        return answers.answer(.ok, page.answer(signIns, id: \.id, UserJSON.signIn))
    }

    @Sendable private func changePassword(_ exchange: HTTPExchange) async throws -> Response {
        let caller = try signedIn(exchange)
        var body = try await answers.members(exchange, ["password", "newPassword"])
        let (old, new) = (
            body.text("password", atMost: PasswordHasher.maximumBytes), body.text("newPassword", atMost: PasswordHasher.maximumBytes)
        )
        try body.finish()
        try await identities.changePassword(of: caller, from: old, to: new, answers.context(exchange, now()))
        return answers.nothing
    }

    // MARK: The second factor

    @Sendable private func enrol(_ exchange: HTTPExchange) async throws -> Response {
        let caller = try signedIn(exchange)
        var body = try await answers.members(exchange, ["password"])
        let password = body.text("password", atMost: PasswordHasher.maximumBytes)
        try body.finish()
        let enrolment = try await identities.enrolSecondFactor(of: caller, password: password, answers.context(exchange, now()))
        return answers.answer(.ok, ["data": ["secret": .string(enrolment.secret), "uri": .string(enrolment.uri)]])
    }

    @Sendable private func confirm(_ exchange: HTTPExchange) async throws -> Response {
        let caller = try signedIn(exchange)
        var body = try await answers.members(exchange, ["code"])
        let code = body.text("code", atMost: 64)
        try body.finish()
        let codes = try await identities.confirmSecondFactor(of: caller, code: code, answers.context(exchange, now()))
        return answers.answer(.ok, ["data": ["recoveryCodes": .array(codes.map(JSONValue.string))]])
    }

    @Sendable private func disable(_ exchange: HTTPExchange) async throws -> Response {
        let caller = try signedIn(exchange)
        var body = try await answers.members(exchange, ["password", "code"])
        let (password, code) = (body.text("password", atMost: PasswordHasher.maximumBytes), body.text("code", atMost: 64))
        try body.finish()
        try await identities.disableSecondFactor(of: caller, password: password, code: code, answers.context(exchange, now()))
        return answers.nothing
    }

    @Sendable private func keys(_ exchange: HTTPExchange) async throws -> Response {
        try answers.refuseParameters(exchange)
        _ = try exchange.negotiated([.json])
        return Response(
            status: .ok, headers: [.contentType: MediaType.json.fieldValue, .cacheControl: "public, max-age=300", .vary: "Accept"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: identities.signingKeys.json.compactText)))
    }

    // MARK: Requests

    /// Who has signed in. A key is not enough: it does nothing with its owner's account.
    func signedIn(_ exchange: HTTPExchange) throws -> Authentication {
        guard exchange.apiKey == nil else { throw IdentityError.sessionRequired }
        guard let authentication = exchange.authentication else { throw Self.unauthenticated }
        return authentication
    }

    private static let unauthenticated = Problem.unauthenticated("This is for those who have signed in.")
}
