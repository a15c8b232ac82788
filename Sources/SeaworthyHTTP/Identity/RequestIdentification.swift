import HTTPTypes
import NIOHTTP1
package import SeaworthyData

/// Finds out who makes a request: by `Authorization`, or else by the cookies of a browser.
package enum RequestIdentification {
    /// - Parameters:
    ///   - browser: what is taken from cookies; nil takes nothing from them.
    ///   - now: the time of a request, in microseconds since the epoch.
    package static func by(
        _ identities: Identities, browser: BrowserSessions? = nil, now: @escaping @Sendable () -> Int64
    ) -> RequestPipeline.Identification {
        { exchange in
            if let token = try exchange.bearerToken() {
                switch try await identities.identify(String(token), now: now()) {
                case .session(let authentication): exchange.authentication = authentication
                case .key(let key): exchange.apiKey = key
                }
            } else if let browser, let token = browser.accessToken(in: exchange) {
                let authentication: Authentication
                do {
                    authentication = try await identities.authenticate(token, now: now())
                } catch let error as IdentityError where error.code == .invalidToken {
                    throw browser.refusal(error)
                }
                if !exchange.method.isSafe { try browser.requireOwnChange(exchange, session: authentication.session) }
                exchange.authentication = authentication
                exchange.hasSessionCookies = true
            }
        }
    }
}

extension HTTPRequest.Method {
    /// Asks for nothing to be changed (RFC 9110, 9.2.1).
    fileprivate var isSafe: Bool { self == .get || self == .head || self == .options }
}
