import Logging
import SeaworthyData
import SeaworthyMail
import ServiceLifecycle

/// Delivers the mails of the application while it runs, and at its end what waits.
struct MailKeeper: Service {
    /// Nil where mails go into a folder, or nowhere.
    let server: SMTPDelivery?
    private let queue: MailQueue?
    private let logger: Logger

    init(_ settings: MailSettings, logger: Logger) {
        self.logger = logger
        switch settings.way {
        case .server(let location):
            let delivery = SMTPDelivery(location, sender: settings.sender)
            server = delivery
            queue = MailQueue(delivery, from: settings.sender, logger: logger)
        case .folder(let path):
            server = nil
            queue = MailQueue(FolderDelivery(path), from: settings.sender, logger: logger)
        case .none: (server, queue) = (nil, nil)
        }
    }

    /// Takes a mail at once. One that cannot be taken is a line of the log, without the address: whoever asked for it asks again.
    func send(_ mail: IdentityMail) {
        guard let queue else {
            logger.warning("mail not sent: SMTP_URL is not set", metadata: ["kind": "\(mail.kind.rawValue)"])
            return
        }
        do {
            let id = try queue.send(MailMessage(to: mail.to, subject: mail.subject, text: mail.text))
            logger.debug("mail accepted", metadata: ["mail": "\(id)", "kind": "\(mail.kind.rawValue)"])
        } catch {
            logger.error("mail not accepted", metadata: ["kind": "\(mail.kind.rawValue)", "error": "\(error)"])
        }
    }

    func run() async throws {
        guard let queue else {
            try? await gracefulShutdown()
            return
        }
        await withGracefulShutdownHandler {
            await queue.run()
        } onGracefulShutdown: {
            queue.end()
        }
    }
}
