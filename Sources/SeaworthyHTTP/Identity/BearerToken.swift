import HTTPTypes
import NIOHTTP1

extension HTTPExchange {
    /// The token of `Authorization: Bearer …` (RFC 6750 section 2.1); nil without the field.
    ///
    /// - Throws: 401 for another scheme, a field that stands twice, or no token.
    func bearerToken() throws(Problem) -> Substring? {
        var token: Substring?
        for (name, value) in head.headers where name.isEqualIgnoringASCIICase(to: "authorization") {
            guard token == nil else { throw .unauthenticated("Authorization stands twice.", error: "invalid_request") }
            let trimmed = Substring(value).trimmingOptionalWhitespace()
            let scheme = trimmed.prefix { $0 != " " }
            let rest = trimmed.dropFirst(scheme.count).drop { $0 == " " }
            guard scheme.isEqualIgnoringASCIICase(to: "bearer"), !rest.isEmpty, !rest.utf8.contains(UInt8(ascii: " ")) else {
                throw .unauthenticated("Authorization is not of the form: Bearer TOKEN.", error: "invalid_request")
            }
            token = rest
        }
        return token
    }
}

extension Problem {
    /// 401 with `WWW-Authenticate` (RFC 6750 section 3).
    ///
    /// - Parameter error: `invalid_token` or `invalid_request`; nil where nothing was sent.
    static func unauthenticated(_ detail: String, error: String? = nil, code: ProblemCode = ProblemCode("unauthenticated")) -> Problem {
        let challenge = "Bearer realm=\"seaworthy\"" + (error.map { ", error=\"\($0)\"" } ?? "")
        return Problem(status: .unauthorized, code: code, detail: detail, headers: [.wwwAuthenticate: challenge])
    }
}
