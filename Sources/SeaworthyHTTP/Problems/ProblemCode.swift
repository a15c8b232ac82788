/// The stable name of what went wrong, as clients see it in `code`.
///
/// Codes are never reused: a client may switch on them. Those listed here belong to the transport, the routing and the health routes;
/// other targets add their own through ``init(_:)`` where errors are mapped to problems.
package struct ProblemCode: Sendable, Hashable, CustomStringConvertible {
    package let rawValue: String

    package init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    package var description: String { rawValue }

    /// 400: the request breaks HTTP/1.1 (RFC 9112): its line, a header field, its framing, its Host.
    package static let badRequest = ProblemCode("bad_request")
    /// 400: a query parameter that the route does not know.
    package static let unknownParameter = ProblemCode("unknown_parameter")
    /// 400: a parameter whose percent-encoding or text cannot be read.
    package static let invalidEncoding = ProblemCode("invalid_encoding")
    /// 400: more query parameters than ``QueryItems/maximumCount``.
    package static let tooManyParameters = ProblemCode("too_many_parameters")
    /// 400: what the contract names but this version does not have.
    package static let notSupported = ProblemCode("not_supported")
    /// 403: what came in clear where ``HTTPSRequirement`` takes HTTPS alone.
    package static let httpsRequired = ProblemCode("https_required")
    /// 403: a page of another origin, which none of ``AllowedOrigins`` is.
    package static let originNotAllowed = ProblemCode("origin_not_allowed")
    /// 403: cookies came with a request of another site's page.
    package static let crossSite = ProblemCode("cross_site_request")
    /// 403: a change with cookies repeats no token.
    package static let csrfTokenMissing = ProblemCode("csrf_token_missing")
    /// 403: it repeats another's, or another session's.
    package static let csrfTokenInvalid = ProblemCode("csrf_token_invalid")
    /// 404: no route has this path.
    package static let notFound = ProblemCode("not_found")
    /// 405: the path exists, with the methods in `Allow`.
    package static let methodNotAllowed = ProblemCode("method_not_allowed")
    /// 406: the route answers in no media type that the client accepts.
    package static let notAcceptable = ProblemCode("not_acceptable")
    /// 408: the head or the body did not arrive in time.
    package static let requestTimeout = ProblemCode("request_timeout")
    /// 412: the file is not the one that the request's conditions name.
    package static let preconditionFailed = ProblemCode("precondition_failed")
    /// 413: the body is larger than ``HTTPSettings/maximumBodyBytes``.
    package static let contentTooLarge = ProblemCode("content_too_large")
    /// 414: the request target is larger than ``HTTPSettings/maximumURLBytes``.
    package static let uriTooLong = ProblemCode("uri_too_long")
    /// 415: the body is not in a media type the route reads.
    package static let unsupportedMediaType = ProblemCode("unsupported_media_type")
    /// 416: the range begins behind the end of the file.
    package static let rangeNotSatisfiable = ProblemCode("range_not_satisfiable")
    /// 417: an `Expect` other than `100-continue`.
    package static let expectationFailed = ProblemCode("expectation_failed")
    /// 429: the limit that holds for this caller is used up; `Retry-After` says when there is more.
    package static let rateLimited = ProblemCode("rate_limited")
    /// 431: the header fields together are larger than ``HTTPSettings/maximumHeaderBytes``.
    package static let headersTooLarge = ProblemCode("headers_too_large")
    /// 500: a fault of the server. The log has it under the request's id.
    package static let internalError = ProblemCode("internal_error")
    /// 501: a transfer coding other than `chunked`.
    package static let unsupportedTransferCoding = ProblemCode("unsupported_transfer_coding")
    /// 503: not now; `Retry-After` says when.
    package static let unavailable = ProblemCode("unavailable")

    /// Every code of this target, for the documentation of errors.
    package static let all: [ProblemCode] = [
        badRequest, unknownParameter, invalidEncoding, tooManyParameters, notSupported, httpsRequired, originNotAllowed, crossSite,
        csrfTokenMissing, csrfTokenInvalid, notFound, methodNotAllowed,
        notAcceptable,
        requestTimeout, preconditionFailed, contentTooLarge, uriTooLong, unsupportedMediaType, rangeNotSatisfiable, expectationFailed,
        rateLimited, headersTooLarge, internalError, unsupportedTransferCoding, unavailable,
    ]
}
