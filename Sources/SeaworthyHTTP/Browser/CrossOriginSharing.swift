import HTTPTypes
import HummingbirdCore

/// Lets pages of other origins call the server and read its answers (Fetch, 3.3: CORS).
struct CrossOriginSharing: Sendable {
    /// How long a browser remembers what it was allowed.
    static let maximumAge = 600
    /// What a page may send beyond what any form can.
    static let requestFields = [
        "Accept", "Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Prefer", "Seaworthy-Consistency",
        "X-CSRF-Token",
        "X-Request-Id", "traceparent", "tracestate",
    ]
    /// What a page may read beyond what any can.
    static let responseFields = [
        "Age", "Content-Disposition", "ETag", "Idempotency-Replayed", "Link", "Location", "Preference-Applied", "RateLimit",
        "RateLimit-Policy",
        "Retry-After",
        "Seaworthy-Consistency", "WWW-Authenticate", "X-Cache", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset",
        "X-Request-Id",
    ]

    let allowed: AllowedOrigins

    /// The answer to a browser that asks before it sends what no form can; nil for an OPTIONS that asks something else.
    ///
    /// - Throws: 403 for a page that may not ask.
    func preflight(_ exchange: HTTPExchange, _ group: RouteGroup, methods: [HTTPRequest.Method]) throws(Problem) -> Response? {
        guard let origin = exchange.header("origin"), exchange.header("access-control-request-method") != nil else { return nil }
        guard allowed.permission(origin, in: group) != nil else { throw Self.refusal }
        return Response(
            status: .noContent,
            headers: [
                .accessControlAllowMethods: methods.map(\.rawValue).joined(separator: ", "),
                .accessControlAllowHeaders: Self.requestFields.joined(separator: ", "),
                .accessControlMaxAge: String(Self.maximumAge),
            ])
    }

    /// Says in an answer whether a page of another origin may read it.
    func mark(_ response: inout Response, _ exchange: HTTPExchange, _ group: RouteGroup) {
        // Also in answers to others: a cache must not give them to a page that may read its own.
        if allowed.variesByOrigin(group) { response.headers.addVary("Origin") }
        guard let origin = exchange.header("origin"), let permission = allowed.permission(origin, in: group) else { return }
        switch permission {
        case .anonymous: response.headers[.accessControlAllowOrigin] = "*"
        case .credentials:
            response.headers[.accessControlAllowOrigin] = origin
            response.headers[.accessControlAllowCredentials] = "true"
        }
        response.headers[.accessControlExposeHeaders] = Self.responseFields.joined(separator: ", ")
    }

    static let refusal = Problem(
        status: .forbidden, code: .originNotAllowed,
        detail: "Pages of this origin may not ask here. The operator allows them by CORS_ALLOWED_ORIGINS.")
}
