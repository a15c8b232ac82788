package import NIOCore
package import Tracing

/// One request and its answer, for the access log and the counters. One for every request, also one the transport refused.
package struct AccessRecord: Sendable {
    package let requestID: String
    /// Nil when the request line could not be read.
    package let method: String?
    /// Such as `/v1/orders/{key}`; nil when no route was reached.
    package let routeTemplate: String?
    /// The raw path without its query, which may hold secrets. Nil when the request line could not be read.
    package let path: Substring?
    /// 499 when the client went before its answer.
    package let status: Int
    /// Bytes of the answer's body.
    package let responseBytes: Int
    /// From the end of the head to the end of the answer.
    package let duration: TimeAmount
    package let remoteAddress: String?
    package let userAgent: String?
    /// The trace that it belongs to; nil where none are made.
    package let trace: InstrumentationContext?

    /// The status of a request whose client went before its answer; never sent. (nginx's convention.)
    package static let clientClosedRequest = 499
}
