/// Routes that only some see. To everybody else they are not there: whatever is sent to their paths is answered as on any path that has no
/// route.
package struct HiddenRoutes: Sendable {
    /// Who sees them.
    package enum Access: Sendable {
        case everyone
        /// Who shows the token as `Authorization: Bearer …`.
        case bearer(OperatorToken)
    }

    private let table: RouteTable
    private let access: Access

    package init(_ routes: [Route], for access: Access) throws(RouteTable.Failure) {
        table = try RouteTable(routes)
        self.access = access
    }

    /// Nil where no route is, and for those who see none.
    func match(_ exchange: HTTPExchange) -> RouteTable.Match? {
        let match = table.match(exchange.method, exchange.path)
        if case .notFound = match { return nil }
        return admits(exchange) ? match : nil
    }

    private func admits(_ exchange: HTTPExchange) -> Bool {
        switch access {
        case .everyone: return true
        case .bearer(let token):
            // What is no such field is what a stranger sends.
            guard let shown = try? exchange.bearerToken() else { return false }
            return token.matches(shown)
        }
    }
}
