/// A request that was answered with 5xx, for whoever reports faults. Nothing that was sent is in it: no body, query, field, address or path.
package struct RequestFault: Sendable {
    /// What the answer came of.
    struct Cause: Sendable {
        let error: any Error
        /// That of the problem in the answer.
        let code: ProblemCode
        /// Who made the request; nil for who has not shown it.
        let userID: String?
    }

    package let requestID: String
    /// Nil when the request line could not be read.
    package let method: String?
    /// Such as `/v1/orders/{key}`; nil when no route was reached.
    package let routeTemplate: String?
    package let status: Int
    package let userID: String?
    /// Nil where the answer was made without a problem, as probes do.
    package let code: String?
    /// What was thrown. Its text is for the log.
    package let error: (any Error)?
}
