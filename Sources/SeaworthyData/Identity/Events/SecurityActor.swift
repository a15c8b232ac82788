/// Who acts, and from where, as the log of security events has it. Known for the time of a request or a command, so that what happens deep below
/// need not be handed it.
package struct SecurityActor: Sendable {
    package enum Who: Sendable {
        /// Nobody who is known yet, such as who signs in.
        case nobody
        case user(String)
        /// A key, and whose it is.
        case key(String, of: String)
        /// Whoever runs a command beside the server.
        case command
    }

    @TaskLocal package static var current = SecurityActor()

    package var who: Who
    package var address: String?
    package var userAgent: String?
    package var requestID: String?

    package init(_ who: Who = .nobody, address: String? = nil, userAgent: String? = nil, requestID: String? = nil) {
        self.who = who
        self.address = address
        self.userAgent = userAgent
        self.requestID = requestID
    }
}
