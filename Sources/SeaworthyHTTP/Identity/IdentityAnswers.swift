import HTTPTypes
import HummingbirdCore
import NIOCore
import SeaworthyData
import SeaworthySchema

/// What the routes of identities share: how they read requests and how they answer. None of it is ever kept by a cache.
struct IdentityAnswers: Sendable {
    let model: Schema.Identity

    func members(_ exchange: HTTPExchange, _ known: [String], as types: [MediaType] = [.json]) async throws -> BodyMembers {
        _ = try exchange.negotiated([.json])
        try refuseParameters(exchange)
        try exchange.requireMediaType(types)
        return try BodyMembers(try await exchange.jsonBody(), known: known)
    }

    func refuseParameters(_ exchange: HTTPExchange) throws(Problem) {
        if let item = try exchange.queryItems().first { throw .unknownParameter(item.name) }
    }

    func context(_ exchange: HTTPExchange, _ now: Int64) -> IdentityContext {
        IdentityContext(now: now, address: exchange.remoteAddress, userAgent: exchange.header("user-agent"))
    }

    func tokens(_ signedIn: Identities.SignedIn) -> JSONValue {
        [
            "accessToken": .string(signedIn.accessToken), "refreshToken": .string(signedIn.refreshToken),
            "expiresIn": .number(String(signedIn.expiresIn)), "user": UserJSON.own(signedIn.user, model),
        ]
    }

    /// The answer to who has signed in; in the mode of cookies no token stands in it.
    func answer(_ signedIn: Identities.SignedIn, _ mode: SessionMode, _ browser: BrowserSessions) -> Response {
        guard mode == .cookie else { return answer(.ok, ["data": tokens(signedIn)]) }
        var response = answer(
            .ok, ["data": ["expiresIn": .number(String(signedIn.expiresIn)), "user": UserJSON.own(signedIn.user, model)]])
        browser.start(signedIn, in: &response.headers)
        return response
    }

    func answer(_ status: HTTPResponse.Status, _ json: JSONValue) -> Response {
        Response(
            status: status, headers: [.contentType: MediaType.json.fieldValue, .cacheControl: "no-store", .vary: "Accept"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: json.compactText)))
    }

    var nothing: Response { Response(status: .noContent, headers: [.cacheControl: "no-store"]) }
}
