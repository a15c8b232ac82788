/// A mail in plain text.
package struct MailMessage: Sendable, Hashable {
    /// The addresses it goes to, which all read of each other; one mostly.
    package var to: [String]
    /// One line without control characters, at most ``MailText/maximumSubjectBytes``.
    package var subject: String
    /// The body, in lines that end with `\n`, with no other control character than the tab; at most ``MailText/maximumTextBytes``.
    package var text: String

    package init(to: String, subject: String, text: String) {
        self.init(to: [to], subject: subject, text: text)
    }

    package init(to: [String], subject: String, text: String) {
        self.to = to
        self.subject = subject
        self.text = text
    }
}
