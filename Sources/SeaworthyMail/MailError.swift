/// Why a mail was not made, accepted or delivered. It has no address, no password and nothing of a mail's text.
package struct MailError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable codes; never reused.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let rawValue: String
        package var description: String { rawValue }

        /// What should be a person's address is none.
        package static let invalidAddress = Code(rawValue: "mail.invalid_address")
        /// Control characters, too long, or to nobody or too many.
        package static let invalidMessage = Code(rawValue: "mail.invalid_message")
        /// More mails wait than the queue holds.
        package static let queueFull = Code(rawValue: "mail.queue_full")
        /// The queue has ended.
        package static let closed = Code(rawValue: "mail.closed")
        /// The server cannot be reached, does not answer in time, or broke off.
        package static let unreachable = Code(rawValue: "mail.unreachable")
        /// No encryption that can be trusted: not offered, or a certificate that does not hold.
        package static let encryptionFailed = Code(rawValue: "mail.encryption_failed")
        /// The server does not take user and password.
        package static let signInFailed = Code(rawValue: "mail.sign_in_failed")
        /// The server does not take the mail now (4xx).
        package static let deferred = Code(rawValue: "mail.deferred")
        /// The server does not take the mail (5xx).
        package static let refused = Code(rawValue: "mail.refused")
        /// The folder that mails are written into refused.
        package static let folderFailed = Code(rawValue: "mail.folder_failed")
        /// Whoever waited does not any more.
        package static let interrupted = Code(rawValue: "mail.interrupted")
        /// Something else.
        package static let failed = Code(rawValue: "mail.failed")

        package static let all: [Code] = [
            invalidAddress, invalidMessage, queueFull, closed, unreachable, encryptionFailed, signInFailed, deferred, refused, folderFailed,
            interrupted, failed,
        ]
    }

    package var code: Code
    /// What is wrong, and with what.
    package var message: String
    package var fix: String
    /// What the server answered, after RFC 5321 section 4.2; nil where it did not come to that.
    package var replyCode: Int?
    /// Whether the same mail may be delivered when it is tried again later.
    package var mayRetry: Bool

    package init(_ code: Code, _ message: String, fix: String, replyCode: Int? = nil, mayRetry: Bool = false) {
        self.code = code
        self.message = message
        self.fix = fix
        self.replyCode = replyCode
        self.mayRetry = mayRetry
    }

    /// Whether it says something of the server rather than of this mail, so that another would fare no better.
    package var isOfServer: Bool { code == .unreachable || code == .encryptionFailed }

    package var description: String {
        "\(message). Fix: \(fix) [\(code)]"
    }
}
