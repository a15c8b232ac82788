package import HTTPTypes
package import SeaworthySchema

/// An answer that says what is wrong: RFC 9457, Problem Details for HTTP APIs.
///
/// Thrown anywhere in a request, it becomes the answer as it stands; so nothing internal (SQL, stack, path) may be put into it.
package struct Problem: Error, Sendable, Equatable {
    package var status: HTTPResponse.Status
    package var code: ProblemCode
    /// What this kind of problem is, in a few words; the same for every occurrence.
    package var title: String
    /// What is wrong with this very request.
    package var detail: String
    /// Every error found, where there is more to say than ``detail``.
    package var errors: [ProblemItem]
    /// Further fields of the answer, such as `Allow` and `Retry-After`.
    package var headers: HTTPFields
    /// The operation of a batch that failed, counted from 0; nil elsewhere.
    package var index: Int?
    /// The lock that is in the way; nil elsewhere.
    package var lock: JSONValue?

    /// - Parameter title: The status' reason phrase when not given.
    package init(
        status: HTTPResponse.Status,
        code: ProblemCode,
        title: String? = nil,
        detail: String,
        errors: [ProblemItem] = [],
        headers: HTTPFields = [:]
    ) {
        self.status = status
        self.code = code
        self.title = title ?? status.reasonPhrase
        self.detail = detail
        self.errors = errors
        self.headers = headers
    }
}

extension Problem {
    /// 400.
    package static func badRequest(_ detail: String, code: ProblemCode = .badRequest, errors: [ProblemItem] = []) -> Problem {
        Problem(status: .badRequest, code: code, detail: detail, errors: errors)
    }

    /// 400 naming one query parameter.
    package static func badParameter(_ name: String, code: ProblemCode, detail: String) -> Problem {
        badRequest(detail, code: code, errors: [ProblemItem(.parameter(name), code: code, detail: detail)])
    }

    /// 400: a query parameter the route does not know.
    package static func unknownParameter(_ name: String) -> Problem {
        badParameter(name, code: .unknownParameter, detail: "There is no parameter \"\(name)\" here.")
    }

    /// 400: something the contract names which this version does not have.
    package static func notSupported(_ detail: String, errors: [ProblemItem] = []) -> Problem {
        badRequest(detail, code: .notSupported, errors: errors)
    }

    /// 404.
    package static func notFound(_ detail: String = "There is nothing at this address.") -> Problem {
        Problem(status: .notFound, code: .notFound, detail: detail)
    }

    /// 405 with `Allow` (RFC 9110, 15.5.6).
    package static func methodNotAllowed(allow methods: [HTTPRequest.Method]) -> Problem {
        let list = methods.map(\.rawValue).joined(separator: ", ")
        return Problem(
            status: .methodNotAllowed, code: .methodNotAllowed, detail: "This address takes \(list).", headers: [.allow: list])
    }

    /// 406. Caches may not give it to a client that accepts something else, hence `Vary`.
    package static func notAcceptable(offered types: [MediaType]) -> Problem {
        Problem(
            status: .notAcceptable, code: .notAcceptable,
            detail: "This address answers in \(types.map(\.fieldValue).joined(separator: " or ")), and Accept takes none of it.",
            headers: [.vary: "Accept"])
    }

    /// 408: the request did not arrive within the time given for it.
    package static func requestTimeout(_ detail: String) -> Problem {
        Problem(status: .requestTimeout, code: .requestTimeout, detail: detail)
    }

    /// 412 (RFC 9110, 13.1).
    package static func preconditionFailed(_ detail: String) -> Problem {
        Problem(status: .preconditionFailed, code: .preconditionFailed, detail: detail)
    }

    /// 413.
    package static func contentTooLarge(maximumBytes: Int64) -> Problem {
        Problem(status: .contentTooLarge, code: .contentTooLarge, detail: "The body is larger than \(maximumBytes) bytes.")
    }

    /// 414.
    package static func uriTooLong(maximumBytes: Int) -> Problem {
        Problem(status: .uriTooLong, code: .uriTooLong, detail: "The address is longer than \(maximumBytes) bytes.")
    }

    /// 415.
    package static func unsupportedMediaType(expected: [String]) -> Problem {
        Problem(
            status: .unsupportedMediaType, code: .unsupportedMediaType,
            detail: "The Content-Type of the body must be \(expected.joined(separator: " or ")).")
    }

    /// 416 with the size of the whole in `Content-Range` (RFC 9110, 15.5.17).
    package static func rangeNotSatisfiable(size: Int) -> Problem {
        Problem(
            status: .rangeNotSatisfiable, code: .rangeNotSatisfiable, detail: "The range begins behind the end: there are \(size) bytes.",
            headers: [.contentRange: "bytes */\(size)"])
    }

    /// 417 (RFC 9110, 10.1.1).
    package static func expectationFailed() -> Problem {
        Problem(status: .expectationFailed, code: .expectationFailed, detail: "The only expectation met is 100-continue.")
    }

    /// 429 with `Retry-After`, in whole seconds, at least one.
    package static func tooManyRequests(_ detail: String, code: ProblemCode = .rateLimited, retryAfter: Duration) -> Problem {
        Problem(status: .tooManyRequests, code: code, detail: detail, headers: [.retryAfter: wholeSeconds(retryAfter)])
    }

    /// 431.
    package static func headersTooLarge(maximumBytes: Int) -> Problem {
        Problem(
            status: .requestHeaderFieldsTooLarge, code: .headersTooLarge,
            detail: "The header fields are larger than \(maximumBytes) bytes, or too many.")
    }

    /// 500. Says nothing of the fault; the log has it.
    package static func internalError() -> Problem {
        Problem(
            status: .internalServerError, code: .internalError,
            detail: "The server failed. The request's id leads to the reason in its log.")
    }

    /// 501 (RFC 9112, 6.1).
    package static func unsupportedTransferCoding() -> Problem {
        Problem(
            status: .notImplemented, code: .unsupportedTransferCoding, detail: "The only transfer coding understood is chunked.")
    }

    /// 503 with `Retry-After`, in whole seconds, at least one.
    package static func unavailable(_ detail: String, retryAfter: Duration = .seconds(1)) -> Problem {
        Problem(status: .serviceUnavailable, code: .unavailable, detail: detail, headers: [.retryAfter: wholeSeconds(retryAfter)])
    }

    static func wholeSeconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        return String(max(1, attoseconds > 0 ? seconds + 1 : seconds))
    }
}
