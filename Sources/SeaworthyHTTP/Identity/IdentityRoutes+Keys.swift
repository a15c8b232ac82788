import HTTPTypes
import HummingbirdCore
import SeaworthyData
import SeaworthySchema

/// `/v1/auth/api-keys`: the keys with which a user's programs come. Only who has signed in reaches them.
extension IdentityRoutes {
    var apiKeys: [Route] {
        [
            Route(.get, "/v1/auth/api-keys", operation: "listApiKeys", handler: listKeys),
            Route(.post, "/v1/auth/api-keys", operation: "createApiKey", handler: createKey),
            Route(.delete, "/v1/auth/api-keys/{id}", operation: "revokeApiKey", handler: revokeKey),
        ]
    }

    @Sendable private func listKeys(_ exchange: HTTPExchange) async throws -> Response {
        try answers.refuseParameters(exchange)
        let caller = try signedIn(exchange)
        let keys = try await identities.keys(of: caller.user.id, now: now())
        return answers.answer(.ok, ["data": .array(keys.map { .object(UserJSON.key($0)) })])
    }

    @Sendable private func createKey(_ exchange: HTTPExchange) async throws -> Response {
        let caller = try signedIn(exchange)
        var body = try await answers.members(exchange, ["name", "scopes", "expiresAt"])
        // In bytes here, in characters below.
        let name = body.text("name", atMost: 4 * KeyRecord.maximumName)
        let scopes = body.texts("scopes", atMost: KeyRecord.maximumScopes)
        let expiresAt = body.optionalTime("expiresAt")
        try body.finish()
        let (key, record) = try await identities.createKey(
            for: caller.user.id, name: name, scopes: scopes, expiresAt: expiresAt, now: now())
        var members = UserJSON.key(record)
        members.append("key", .string(key))
        return answers.answer(.created, ["data": .object(members)])
    }

    @Sendable private func revokeKey(_ exchange: HTTPExchange) async throws -> Response {
        let caller = try signedIn(exchange)
        let id = try percentDecoded(exchange.parameters["id"] ?? "", parameter: "id")
        guard case .text(let key)? = try? FieldType.uuid.value(fromText: id) else { throw Problem.notFound("There is no such key.") }
        try await identities.revokeKey(key, of: caller.user.id, now: now())
        return answers.nothing
    }
}
