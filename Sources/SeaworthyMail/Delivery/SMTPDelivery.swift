import CCurl
import SeaworthySchema
import Synchronization
import Tracing

/// Mails to a server over SMTP, through libcurl (docs/decisions/0043-mail-by-libcurl.md). A connection and a thread for each mail; its user
/// sends one at a time.
package struct SMTPDelivery: MailDelivery {
    private static let begun = seaworthy_curl_begin()

    private let location: SMTPLocation
    private let greetingName: String
    private let settings: SMTPSettings

    /// - Parameter sender: its domain is what the server is greeted with (EHLO), so that the machine's own name stays inside.
    package init(_ location: SMTPLocation, sender: MailSender, settings: SMTPSettings = SMTPSettings()) {
        self.location = location
        self.settings = settings
        greetingName = sender.address.domain
    }

    package var place: String { location.description }

    /// Delivers to all of the mail's addresses or to none. Where the connection breaks after the last byte and before the server's answer, the
    /// server may have the mail although this throws, so that it comes twice when it is tried again, with the same Message-ID.
    ///
    /// - Throws: ``MailError`` `unreachable`, `encryptionFailed`, `signInFailed`, `deferred`, `refused`, `failed`; `interrupted` about a second
    ///   after the task was cancelled.
    package func deliver(_ mail: OutgoingMail) async throws(MailError) {
        let span = InstrumentationSystem.tracer.startSpan("SMTP send", ofKind: .client)
        defer { span.end() }
        var attributes: SpanAttributes = ["server.address": .string(location.host), "server.port": .int64(Int64(location.port))]
        defer { span.attributes = attributes }
        do throws(MailError) {
            try await converse(.mail(mail))
        } catch {
            attributes["error.type"] = "\(error.code)"
            span.setStatus(SpanStatus(code: .error))
            throw error
        }
    }

    /// Connects, encrypts as mails would, and asks for nothing (NOOP). Does not sign in: servers count that, and health is asked for often.
    package func probe() async throws(MailError) {
        try await converse(.probe)
    }

    private func converse(_ purpose: SMTPConversation.Purpose) async throws(MailError) {
        guard Self.begun == CURLE_OK else {
            throw MailError(.failed, "libcurl cannot be used: \(Self.begun.rawValue)", fix: "install libcurl anew")
        }
        let conversation = SMTPConversation(purpose, with: location, as: greetingName, settings)
        let result: Result<Void, MailError> = await withTaskCancellationHandler {
            do throws(MailError) {
                return .success(try await BlockingThread.run { () throws(MailError) in try conversation.run() })
            } catch {
                return .failure(error)
            }
        } onCancel: {
            conversation.interrupt()
        }
        try result.get()
    }
}
