package import NIOHTTP1

/// What came of sending something by POST.
package enum HTTPPostOutcome: Sendable {
    /// A status of 200 to 299.
    case accepted(HTTPPostAnswer)
    /// Another status, after as many attempts as there may be.
    case refused(HTTPPostAnswer)
    /// No whole answer, after as many attempts as there may be; with the reason of the last one, for the log.
    case unreachable(String)
    /// The task was cancelled.
    case cancelled
}

/// The answer of a receiver.
package struct HTTPPostAnswer: Sendable {
    package var status: Int
    package var headers: HTTPHeaders
    package var body: [UInt8]
}
