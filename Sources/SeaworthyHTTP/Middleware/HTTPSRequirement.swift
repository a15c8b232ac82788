import HTTPTypes
import HummingbirdCore

/// Where the server is reached by HTTPS, nothing else is answered: what comes to a proxy in clear, or past it, is sent there or refused.
package struct HTTPSRequirement: Sendable, Equatable {
    /// The server's address as clients see it, without a slash at its end.
    package let publicURL: String

    /// Nil for an address that is not HTTPS.
    package init?(publicURL: String) {
        guard publicURL.hasPrefix("https://") else { return nil }
        self.publicURL = publicURL
    }

    /// - Throws: 403 for what cannot be sent again without having been read already.
    func redirect(_ exchange: HTTPExchange) throws(Problem) -> Response {
        guard exchange.method == .get || exchange.method == .head else {
            throw Problem(
                status: .forbidden, code: .httpsRequired, detail: "This server takes requests by HTTPS alone: \(publicURL)")
        }
        let query = exchange.rawQuery.map { "?\($0)" } ?? ""
        // The path was taken from a request target, so nothing in it ends the field.
        return Response(
            status: .permanentRedirect, headers: [.location: "\(publicURL)\(exchange.path)\(query)", .cacheControl: "no-store"])
    }
}
