package import HTTPTypes

/// Names that HTTPTypes does not have. `ETag`, `If-Match`, `If-None-Match` and `Vary` are there.
extension HTTPField.Name {
    /// RFC 8288.
    package static let link = named("Link")
    /// RFC 7240, 3.
    package static let preferenceApplied = named("Preference-Applied")

    /// Beside an answer that is given again for an `Idempotency-Key`.
    package static let idempotencyReplayed = named("Idempotency-Replayed")

    /// HTML, 7.1.3: whether a page and the window that opened it reach each other.
    package static let crossOriginOpenerPolicy = named("Cross-Origin-Opener-Policy")
    /// Permissions Policy: which powers of the browser a page has.
    package static let permissionsPolicy = named("Permissions-Policy")

    /// draft-ietf-httpapi-ratelimit-headers-10.
    package static let rateLimitPolicy = named("RateLimit-Policy")
    package static let rateLimit = named("RateLimit")
    /// As servers had them before the draft.
    package static let xRateLimitLimit = named("X-RateLimit-Limit")
    package static let xRateLimitRemaining = named("X-RateLimit-Remaining")
    package static let xRateLimitReset = named("X-RateLimit-Reset")

    /// What the client has to send along with later reads, so that they see what it wrote.
    package static let consistency = named("Seaworthy-Consistency")

    /// Whether an answer was kept: `HIT`, `STALE`, `MISS` or `BYPASS`.
    package static let xCache = named("X-Cache")

    /// The texts above are valid names, so that the alternative is never taken.
    private static func named(_ name: String) -> HTTPField.Name {
        HTTPField.Name(name) ?? .vary
    }
}
