import HTTPTypes
import HummingbirdCore
import SeaworthyData
import SeaworthySchema

/// `/v1/users/…`, for the role `admin` alone, which is asked for before anything else of the request is looked at.
extension IdentityRoutes {
    var users: [Route] {
        let one = "/v1/users/{id}"
        return [
            Route(.get, "/v1/users", operation: "getUsers", handler: list),
            Route(.post, "/v1/users", operation: "addUser", handler: add),
            Route(.get, "/v1/users/security-events", operation: "getSecurityEvents", handler: securityEvents),
            Route(.get, one, operation: "getUser", handler: read),
            Route(.patch, one, operation: "changeUser", handler: change),
            Route(.delete, one, operation: "removeUser", handler: remove),
            Route(.post, one + "/sign-out", operation: "signOutUser", handler: signOut),
            Route(.get, one + "/sessions", operation: "getUserSessions", handler: sessionsOfUser),
            Route(.get, one + "/login-history", operation: "getUserSignIns", handler: signInsOfUser),
            Route(.post, one + "/totp/reset", operation: "resetUserTotp", handler: resetSecondFactor),
        ]
    }

    @Sendable private func list(_ exchange: HTTPExchange) async throws -> Response {
        try requireAdministrator(exchange)
        _ = try exchange.negotiated([.json])
        let page = try IdentityPage(exchange, filters: ["email"])
        let last = page.last ?? ""
        let users: [User]
        if let email = page.filters["email"] {
            users = try await identities.users(email: email).filter { $0.email > last }
        } else {
            users = try await identities.users(behind: last, limit: page.limit + 1)
        }
        return answers.answer(.ok, page.answer(users, id: \.email) { UserJSON.administered($0, identities.model) })
    }

    @Sendable private func add(_ exchange: HTTPExchange) async throws -> Response {
        try requireAdministrator(exchange)
        var body = try await answers.members(exchange, ["email", "password", "roles", "attributes"])
        let (email, password) = (body.text("email", atMost: 320), body.optionalText("password"))
        let (roles, attributes) = (body.texts("roles"), body.members("attributes"))
        try body.finish()
        let user = try await identities.createUser(
            email: email, password: password, roles: roles ?? [], attributes: attributes ?? JSONObject(), isInvited: password == nil,
            now: now())
        return answers.answer(.created, ["data": UserJSON.administered(user, identities.model)])
    }

    @Sendable private func read(_ exchange: HTTPExchange) async throws -> Response {
        try requireAdministrator(exchange)
        _ = try exchange.negotiated([.json])
        try answers.refuseParameters(exchange)
        return answers.answer(.ok, ["data": UserJSON.administered(try await user(exchange), identities.model)])
    }

    @Sendable private func change(_ exchange: HTTPExchange) async throws -> Response {
        try requireAdministrator(exchange)
        let id = try userID(exchange)
        var body = try await answers.members(exchange, ["email", "roles", "attributes", "isDisabled"], as: [.mergePatch, .json])
        body.refuseNulls()
        let change = Identities.UserChange(
            email: body.optionalText("email", atMost: 320), roles: body.texts("roles"), attributes: body.members("attributes"),
            isDisabled: body.flag("isDisabled"))
        try body.finish()
        let user = try await identities.changeUser(id, change, now: now())
        return answers.answer(.ok, ["data": UserJSON.administered(user, identities.model)])
    }

    @Sendable private func remove(_ exchange: HTTPExchange) async throws -> Response {
        try requireAdministrator(exchange)
        try answers.refuseParameters(exchange)
        try await identities.removeUser(try userID(exchange), now: now())
        return answers.nothing
    }

    @Sendable private func signOut(_ exchange: HTTPExchange) async throws -> Response {
        try requireAdministrator(exchange)
        try answers.refuseParameters(exchange)
        try await identities.endSessions(of: try await user(exchange).id, now: now(), reason: "administrator")
        return answers.nothing
    }

    @Sendable private func sessionsOfUser(_ exchange: HTTPExchange) async throws -> Response {
        try requireAdministrator(exchange)
        _ = try exchange.negotiated([.json])
        try answers.refuseParameters(exchange)
        let sessions = try await identities.sessions(of: try await user(exchange).id, now: now())
        let own = exchange.authentication?.session
        return answers.answer(.ok, ["data": .array(sessions.map { UserJSON.session($0, isCurrent: $0.id == own) })])
    }

    @Sendable private func signInsOfUser(_ exchange: HTTPExchange) async throws -> Response {
        try requireAdministrator(exchange)
        _ = try exchange.negotiated([.json])
        return try await signIns(of: try await user(exchange).id, exchange)
    }

    @Sendable private func securityEvents(_ exchange: HTTPExchange) async throws -> Response {
        try requireAdministrator(exchange)
        _ = try exchange.negotiated([.json])
        let page = try IdentityPage(exchange, filters: ["user"])
        if let last = page.last, (try? FieldType.uuid.value(fromText: last)) == nil { throw IdentityPage.invalidCursor }
        if let user = page.filters["user"], (try? FieldType.uuid.value(fromText: user)) == nil {
            throw Problem.badParameter(
                "user", code: ProblemCode("invalid_parameter"), detail: "The parameter \"user\" is the id of a user.")
        }
        let events = try await identities.securityEvents(
            of: page.filters["user"]?.lowercased(), before: page.last, limit: page.limit + 1)
        return answers.answer(.ok, page.answer(events, id: \.id, UserJSON.event))
    }

    @Sendable private func resetSecondFactor(_ exchange: HTTPExchange) async throws -> Response {
        try requireAdministrator(exchange)
        try answers.refuseParameters(exchange)
        try await identities.resetSecondFactor(of: try userID(exchange), now: now())
        return answers.nothing
    }

    // MARK: Requests

    /// - Throws: 401 for nobody, 403 for everybody else without the role.
    private func requireAdministrator(_ exchange: HTTPExchange) throws(Problem) {
        guard !exchange.caller.isAdministrator else { return }
        guard exchange.caller.user != nil else { throw .unauthenticated("This is for administrators who have signed in.") }
        throw Problem(status: .forbidden, code: ProblemCode("forbidden"), detail: "This takes the role admin.")
    }

    private func userID(_ exchange: HTTPExchange) throws(Problem) -> String {
        let id = try percentDecoded(exchange.parameters["id"] ?? "", parameter: "id")
        guard case .text(let user)? = try? FieldType.uuid.value(fromText: id) else {
            throw Problem(status: .notFound, code: ProblemCode("identity_not_found"), detail: "There is no such user.")
        }
        return user
    }

    private func user(_ exchange: HTTPExchange) async throws -> User {
        try await identities.user(id: try userID(exchange))
    }
}
