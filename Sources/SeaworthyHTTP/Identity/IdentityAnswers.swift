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

    func answer(_ status: HTTPResponse.Status, _ json: JSONValue) -> Response {
        Response(
            status: status, headers: [.contentType: MediaType.json.fieldValue, .cacheControl: "no-store", .vary: "Accept"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: json.compactText)))
    }

    var nothing: Response { Response(status: .noContent, headers: [.cacheControl: "no-store"]) }
}

extension HTTPExchange {
    /// The value of a cookie; nil where it was not sent, or twice.
    func cookie(_ name: String) -> String? {
        guard let field = header("cookie") else { return nil }
        // Cookies are joined by `; `, or by `, ` where several fields came.
        let values = field.split(whereSeparator: { $0 == ";" || $0 == "," }).map { $0.trimmingOptionalWhitespace() }
            .filter { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.utf8.count + 1)) }
        return values.count == 1 ? values[0] : nil
    }
}
