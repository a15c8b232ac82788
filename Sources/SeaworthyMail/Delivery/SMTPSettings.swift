/// How long what is asked of a mail server may take.
package struct SMTPSettings: Sendable {
    /// Until the connection is encrypted and signed in to, the server's greeting included.
    package var connectTimeout: Duration = .seconds(10)
    /// All of it, until the server has said that it has the mail.
    package var timeout: Duration = .seconds(30)
    /// For the server's farewell, which no mail depends on.
    package var farewellTimeout: Duration = .seconds(2)
    /// All of ``MailDelivery/probe()``.
    package var probeTimeout: Duration = .seconds(5)

    package init() {}
}
