import CCurl
import SeaworthySchema
import Synchronization

/// One connection to a mail server, from the greeting to the farewell. It is run once, and blocks its thread.
final class SMTPConversation: Sendable {
    enum Purpose: Sendable {
        case mail(OutgoingMail)
        case probe
    }

    private let purpose: Purpose
    private let location: SMTPLocation
    private let greetingName: String
    private let settings: SMTPSettings
    private let isInterrupted = Atomic<Bool>(false)

    init(_ purpose: Purpose, with location: SMTPLocation, as greetingName: String, _ settings: SMTPSettings) {
        self.purpose = purpose
        self.location = location
        self.greetingName = greetingName
        self.settings = settings
    }

    /// Ends it soon, from any thread. libcurl asks about once a second.
    func interrupt() {
        isInterrupted.store(true, ordering: .releasing)
    }

    func run() throws(MailError) {
        guard let handle = curl_easy_init() else { throw SMTPOutcome.error(CURLE_OUT_OF_MEMORY, reply: 0, text: "", location) }
        let progress = Progress(handle, isInterrupted: { [self] in isInterrupted.load(ordering: .acquiring) }, settings.farewellTimeout)
        let text = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        text.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        var recipients: UnsafeMutablePointer<curl_slist>?
        defer {
            // What libcurl is handed by pointer lives until the handle goes.
            withExtendedLifetime(progress) { curl_easy_cleanup(handle) }
            curl_slist_free_all(recipients)
            text.deallocate()
        }
        let options = SMTPOptions(handle)
        options.check(seaworthy_curl_set_error_buffer(handle, text))
        setConnection(options)
        switch purpose {
        case .probe:
            options.set(CURLOPT_CUSTOMREQUEST, "NOOP")
            options.set(CURLOPT_NOBODY, 1)
        case .mail(let mail):
            recipients = setMail(mail, options, progress)
        }
        setProgress(options, progress)
        let code = options.failure ?? curl_easy_perform(handle)
        if code == CURLE_OK { return }
        throw SMTPOutcome.error(code, reply: seaworthy_curl_reply_code(handle), text: String(cString: text), location)
    }

    private func setConnection(_ options: SMTPOptions) {
        let scheme = location.encryption == .implicit ? "smtps" : "smtp"
        options.check(seaworthy_curl_only_smtp(options.handle))
        options.set(CURLOPT_URL, "\(scheme)://\(location.authority)/\(greetingName)")
        // Neither the environment nor a file of the user's has a say in where mails go, and as whom.
        options.set(CURLOPT_PROXY, "")
        options.set(CURLOPT_NETRC, 0)
        options.set(CURLOPT_NOSIGNAL, 1)
        // Without this the server's farewell would be waited for at the end of the handle, with no bound of ours.
        options.set(CURLOPT_FORBID_REUSE, 1)
        let isMail = if case .mail = purpose { true } else { false }
        let timeout = isMail ? settings.timeout : settings.probeTimeout
        options.set(CURLOPT_CONNECTTIMEOUT_MS, min(settings.connectTimeout, timeout).milliseconds)
        options.set(CURLOPT_TIMEOUT_MS, timeout.milliseconds)
        options.check(seaworthy_curl_set_answer_timeout(options.handle, max(1, timeout.milliseconds / 1000)))
        setEncryption(options)
        guard isMail, let user = location.user, let password = location.password else { return }
        options.set(CURLOPT_USERNAME, user)
        options.set(CURLOPT_PASSWORD, password)
        // libcurl would rather try Kerberos or NTLM where a server offers them, and then not go back to the password.
        options.set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN")
    }

    private func setEncryption(_ options: SMTPOptions) {
        let use: curl_usessl =
            switch location.encryption {
            case .implicit, .required: CURLUSESSL_ALL
            case .opportunistic: CURLUSESSL_TRY
            case .off: CURLUSESSL_NONE
            }
        let isChecked = use == CURLUSESSL_ALL
        options.set(CURLOPT_USE_SSL, Int(use.rawValue))
        options.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        options.set(CURLOPT_SSL_VERIFYPEER, isChecked ? 1 : 0)
        options.set(CURLOPT_SSL_VERIFYHOST, isChecked ? 2 : 0)
        guard let authorities = location.authorities else { return }
        options.set(CURLOPT_CAINFO, authorities)
        // In place of the system's, not beside them.
        options.set(CURLOPT_CAPATH, nil)
    }

    /// - Returns: what has to be freed after the handle.
    private func setMail(_ mail: OutgoingMail, _ options: SMTPOptions, _ progress: Progress) -> UnsafeMutablePointer<curl_slist>? {
        options.set(CURLOPT_MAIL_FROM, "<\(mail.from.canonical)>")
        var recipients: UnsafeMutablePointer<curl_slist>?
        for address in mail.to {
            guard let longer = curl_slist_append(recipients, "<\(address.canonical)>") else {
                options.check(CURLE_OUT_OF_MEMORY)
                break
            }
            recipients = longer
        }
        options.check(seaworthy_curl_set_recipients(options.handle, recipients))
        progress.bytes = mail.text.bytes
        let read: seaworthy_curl_read = { buffer, size, count, context in
            guard let buffer, let context else { return 0 }
            return Unmanaged<Progress>.fromOpaque(context).takeUnretainedValue().read(
                into: UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
        }
        options.check(
            seaworthy_curl_set_upload(
                options.handle, curl_off_t(mail.text.bytes.count), read, Unmanaged.passUnretained(progress).toOpaque()))
        return recipients
    }

    private func setProgress(_ options: SMTPOptions, _ progress: Progress) {
        let ask: seaworthy_curl_progress = { context, _, _, _, _ in
            guard let context else { return 0 }
            return Unmanaged<Progress>.fromOpaque(context).takeUnretainedValue().mayGoOn() ? 0 : 1
        }
        options.check(seaworthy_curl_set_progress(options.handle, ask, Unmanaged.passUnretained(progress).toOpaque()))
    }
}

/// What libcurl asks for while it works, on the thread that it works on.
private final class Progress {
    var bytes: [UInt8] = []
    private let handle: UnsafeMutableRawPointer
    private let isInterrupted: () -> Bool
    private let farewellTimeout: Duration
    private var sent = 0
    private var acceptedAt: ContinuousClock.Instant?

    init(_ handle: UnsafeMutableRawPointer, isInterrupted: @escaping () -> Bool, _ farewellTimeout: Duration) {
        self.handle = handle
        self.isInterrupted = isInterrupted
        self.farewellTimeout = farewellTimeout
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.count - sent)
        buffer.copyBytes(from: bytes[sent..<sent + count])
        sent += count
        return count
    }

    func mayGoOn() -> Bool {
        if isInterrupted() { return false }
        // The answer before the last byte was 354; 250 behind it says that the server has the mail, and only the farewell is left.
        guard !bytes.isEmpty, sent == bytes.count, seaworthy_curl_reply_code(handle) / 100 == 2 else { return true }
        guard let acceptedAt else {
            acceptedAt = .now
            return true
        }
        return acceptedAt.duration(to: .now) < farewellTimeout
    }
}
