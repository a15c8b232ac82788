/// Routes that pages of other origins are let to together.
package enum RouteGroup: String, Sendable, CaseIterable {
    /// The records: all of `/v1` but what ``auth`` has.
    case data
    /// Signing in, accounts and their administration: `/v1/auth/…` and `/v1/users…`.
    case auth
    /// What everybody may read of the server: `/openapi.json` and `/.well-known/…`.
    case docs

    /// Nil for what no page of another origin asks for: pages, files and the state of the server.
    init?(path: Substring) {
        func isBelow(_ prefix: String) -> Bool {
            path.hasPrefix(prefix) && (path.utf8.count == prefix.utf8.count || path.hasPrefix(prefix + "/"))
        }
        if isBelow("/v1/auth") || isBelow("/v1/users") {
            self = .auth
        } else if isBelow("/v1") {
            self = .data
        } else if path == "/openapi.json" || isBelow("/.well-known") {
            self = .docs
        } else {
            return nil
        }
    }
}
