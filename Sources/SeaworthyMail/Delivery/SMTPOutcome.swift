import CCurl

/// What libcurl says of a conversation, as an error of ours. <https://curl.se/libcurl/c/libcurl-errors.html>
enum SMTPOutcome {
    /// - Parameters:
    ///   - reply: the server's newest answer, 0 without one.
    ///   - text: libcurl's own words. They are passed on where they tell of hosts and certificates, not where they tell of the mail.
    static func error(_ code: CURLcode, reply: Int, text: String, _ location: SMTPLocation) -> MailError {
        let server = "the mail server \(location.authority)"
        let words = words(of: text, code)
        let answered = (400...599).contains(reply)
        let isPassing = (400...499).contains(reply)
        switch code {
        case CURLE_LOGIN_DENIED:
            return MailError(
                .signInFailed, "\(server) does not take user and password\(answered ? ": \(reply)" : "")",
                fix: "check the user and the password of SMTP_URL", replyCode: answered ? reply : nil, mayRetry: isPassing)
        case CURLE_USE_SSL_FAILED:
            return MailError(
                .encryptionFailed, "\(server) offers no encryption (STARTTLS)",
                fix: "use smtps:// where the server encrypts from the start; tls=off sends mails in clear text",
                replyCode: answered ? reply : nil, mayRetry: true)
        case CURLE_SSL_CACERT_BADFILE:
            return MailError(
                .encryptionFailed, "the certificates to trust cannot be read",
                fix: "check the file that ca= of SMTP_URL names, or the system's")
        // A certificate is renewed, and an attacker goes away; mail servers keep mail for that too.
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_CERTPROBLEM, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CRL_BADFILE:
            return MailError(
                .encryptionFailed, "the connection to \(server) cannot be encrypted: \(words)",
                fix: "check the server's certificate, and ca= of SMTP_URL where it is signed by a private authority", mayRetry: true)
        case CURLE_ABORTED_BY_CALLBACK:
            return MailError(.interrupted, "the delivery to \(server) was interrupted", fix: "nothing is to be done", mayRetry: true)
        case CURLE_SEND_ERROR where answered, CURLE_RECV_ERROR where answered, CURLE_WEIRD_SERVER_REPLY where answered,
            CURLE_REMOTE_ACCESS_DENIED where answered, CURLE_UPLOAD_FAILED where answered, CURLE_PARTIAL_FILE where answered:
            return MailError(
                isPassing ? .deferred : .refused, "\(server) does not take the mail\(isPassing ? " now" : ""): \(reply)\(step(of: text))",
                fix: isPassing ? "it is worth trying again" : "see the server's log for its reasons", replyCode: reply, mayRetry: isPassing)
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT, CURLE_GOT_NOTHING, CURLE_SEND_ERROR,
            CURLE_RECV_ERROR, CURLE_WEIRD_SERVER_REPLY, CURLE_REMOTE_ACCESS_DENIED, CURLE_UPLOAD_FAILED, CURLE_PARTIAL_FILE:
            return MailError(
                .unreachable, "\(server) cannot be reached, or broke off: \(words)",
                fix: "check host and port of SMTP_URL, and the network",
                mayRetry: true)
        default:
            // A library that cannot send mail, or an option that it does not know, stays so.
            return MailError(
                .failed, "libcurl cannot deliver to \(server): \(words)", fix: "check that libcurl is installed with SMTP and TLS",
                mayRetry: code == CURLE_OUT_OF_MEMORY)
        }
    }

    /// Which step the server answered to, as far as libcurl tells by its first word.
    private static func step(of text: String) -> String {
        for (word, step) in [("MAIL", "the sender"), ("RCPT", "an address to send to"), ("DATA", "the text")] where text.hasPrefix(word) {
            return " to \(step)"
        }
        return ""
    }

    private static func words(of text: String, _ code: CURLcode) -> String {
        let text = text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
        return String(decoding: text.utf8.filter { (0x20...0x7E).contains($0) }.prefix(200), as: UTF8.self)
    }
}
