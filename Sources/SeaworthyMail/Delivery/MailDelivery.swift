/// A way for mails to go.
package protocol MailDelivery: Sendable {
    /// Where mails go, for the log, without user and password.
    var place: String { get }

    /// Delivers a mail once; whether it may be tried again says ``MailError/mayRetry``.
    func deliver(_ mail: OutgoingMail) async throws(MailError)

    /// Whether mails could go, within a time of its own and without sending one.
    func probe() async throws(MailError)
}
