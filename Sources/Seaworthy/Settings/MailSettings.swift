package import SeaworthyMail

/// How mails go. From `SMTP_URL` and `MAIL_FROM`.
package struct MailSettings: Sendable {
    package enum Way: Sendable {
        case server(SMTPLocation)
        /// Files of a folder, by absolute path: in development.
        case folder(String)
        /// Mails are not sent, and the log says so.
        case none
    }

    package let way: Way
    package let sender: MailSender
}

extension Settings {
    static func mail(_ reading: inout SettingsReading, _ environment: AppEnvironment?) -> MailSettings? {
        let url = reading.text("SMTP_URL").flatMap { smtp($0, &reading) }
        let given = reading.text("MAIL_FROM").flatMap { mailSender($0, &reading) }
        if url != nil, !reading.isGiven("MAIL_FROM") {
            reading.report(
                SettingsProblem(
                    .missing, "MAIL_FROM", "is not set, and SMTP_URL is",
                    fix: "write for instance MAIL_FROM=\"Portal <portal@example.com>\""))
        }
        guard let sender = given ?? (try? MailSender("seaworthy@localhost")) else { return nil }
        if let url { return MailSettings(way: .server(url), sender: sender) }
        guard environment == .development else { return MailSettings(way: .none, sender: sender) }
        return MailSettings(
            way: .folder(SettingFile.path("\(DevelopmentKeys.folder)/mail", in: reading.workingDirectory)), sender: sender)
    }

    private static func smtp(_ text: String, _ reading: inout SettingsReading) -> SMTPLocation? {
        do {
            return try SMTPLocation(text)
        } catch {
            reading.report(SettingsProblem(.invalidValue, "SMTP_URL", error.detail, fix: error.fix))
            return nil
        }
    }

    private static func mailSender(_ text: String, _ reading: inout SettingsReading) -> MailSender? {
        do {
            return try MailSender(text)
        } catch {
            reading.report(
                SettingsProblem(
                    .invalidValue, "MAIL_FROM", error.detail, fix: "write for instance MAIL_FROM=\"Portal <portal@example.com>\""))
            return nil
        }
    }
}
