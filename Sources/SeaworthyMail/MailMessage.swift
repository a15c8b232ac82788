/// A mail in plain text to one person.
package struct MailMessage: Sendable, Hashable {
    /// The address it goes to.
    package var to: String
    package var subject: String
    /// The body, in lines that end with `\n`.
    package var text: String

    package init(to: String, subject: String, text: String) {
        self.to = to
        self.subject = subject
        self.text = text
    }
}
