/// What is remembered of one answered request.
package struct AccessRecord: Sendable {
    package var requestID: String
    /// As sent, for instance `GET`.
    package var method: String
    /// The route's template, `/v1/orders/{key}`; nil when no route matched.
    package var route: String?
    /// The path as sent. What follows `?` is never written: a query may hold personal data.
    package var path: String
    /// Status of the answer.
    package var status: Int
    /// Bytes of the answer's body.
    package var bytesOut: Int
    /// From the request's head to the end of the answer.
    package var durationNanoseconds: Int64
    package var remoteAddress: String?
    package var userAgent: String?
    /// The trace that it belongs to.
    package var trace: TraceContext?

    package init(
        requestID: String, method: String, route: String?, path: String, status: Int, bytesOut: Int, durationNanoseconds: Int64,
        remoteAddress: String? = nil, userAgent: String? = nil, trace: TraceContext? = nil
    ) {
        self.requestID = requestID
        self.method = method
        self.route = route
        self.path = path
        self.status = status
        self.bytesOut = bytesOut
        self.durationNanoseconds = durationNanoseconds
        self.remoteAddress = remoteAddress
        self.userAgent = userAgent
        self.trace = trace
    }
}
