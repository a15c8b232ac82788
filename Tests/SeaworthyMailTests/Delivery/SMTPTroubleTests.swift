import CCurl
import Testing

@testable import SeaworthyMail

@Suite struct `Mail over SMTP that fails` {
    /// Times that no test waits for, unless it names its own.
    private static func settings(_ change: (inout SMTPSettings) -> Void = { _ in }) -> SMTPSettings {
        var settings = SMTPSettings()
        settings.connectTimeout = .seconds(300)
        settings.timeout = .seconds(300)
        settings.probeTimeout = .seconds(300)
        change(&settings)
        return settings
    }

    private func error(_ name: String, to: String, from: String = "shop@sender.example", _ settings: SMTPSettings) async throws
        -> MailError?
    {
        let delivery = try await SMTPServer.running().delivery(name, settings: settings)
        let mail = try makeMail(to: to, from: from)
        return await mailError { try await delivery.deliver(mail) }
    }

    @Test(arguments: [
        ("refused", "shop@sender.example", 550, "550 to an address to send to"), ("spam", "shop@sender.example", 554, "554"),
        ("someone", "stranger@sender.example", 553, "553 to the sender"),
    ]) func `is refused for good by a 5xx, which the error tells without an address`(
        wish: String, from: String, code: Int, words: String
    ) async throws {
        let server = try await SMTPServer.running()
        let address = SMTPServer.address(wish)
        let error = try await #require(error("plain", to: address, from: from, Self.settings()))
        #expect(error.code == .refused && error.replyCode == code && !error.mayRetry && error.message.hasSuffix(words))
        #expect(!"\(error)".contains("example"))
        #expect(try server.arrived(for: address).isEmpty)
    }

    @Test func `goes to nobody when one of several is refused`() async throws {
        let server = try await SMTPServer.running()
        let (one, other) = (SMTPServer.address(), SMTPServer.address("refused"))
        let (delivery, mail) = (try server.delivery("plain"), try makeMail(to: one, other))
        #expect(await mailError { try await delivery.deliver(mail) }?.replyCode == 550)
        #expect(try server.arrived(for: one).isEmpty)
    }

    @Test func `may be tried again after a 4xx, and then arrives`() async throws {
        let server = try await SMTPServer.running()
        let address = SMTPServer.address("defers-1")
        let error = try await #require(error("plain", to: address, Self.settings()))
        #expect(error.code == .deferred && error.replyCode == 451 && error.mayRetry && !"\(error)".contains("receiver"))
        #expect(try await self.error("plain", to: address, Self.settings()) == nil)
        #expect(try server.arrived(for: address).count == 1)
    }

    @Test(arguments: [("busy", 421, MailError.Code.deferred), ("gone", 554, .refused)])
    func `is what the greeting says`(name: String, code: Int, expected: MailError.Code) async throws {
        let error = try await #require(error(name, to: SMTPServer.address(), Self.settings()))
        #expect(error.code == expected && error.replyCode == code && error.mayRetry == (expected == .deferred))
    }

    @Test func `may be tried again where the server closes in the middle`() async throws {
        for (name, wish) in [("closing", "someone"), ("plain", "breaks")] {
            let error = try await #require(error(name, to: SMTPServer.address(wish), Self.settings()))
            #expect(error.code == .unreachable && error.mayRetry && error.replyCode == nil)
        }
    }

    @Test func `may be tried again where nobody listens, or the host's name leads nowhere`() async throws {
        let mail = try makeMail(to: SMTPServer.address())
        for url in ["smtp://127.0.0.1:1", "smtp://nobody.invalid"] {
            let delivery = try SMTPDelivery(SMTPLocation(url), sender: MailSender("a@b.example"))
            let error = try await #require(mailError { try await delivery.deliver(mail) })
            #expect(error.code == .unreachable && error.mayRetry && error.isOfServer)
            #expect(await mailError { try await delivery.probe() }?.code == .unreachable)
        }
    }

    @Test func `ends after its time where the server never greets, or stops answering`() async throws {
        let greeting = try await #require(
            error("silent", to: SMTPServer.address(), Self.settings { $0.connectTimeout = .milliseconds(200) }))
        #expect(greeting.code == .unreachable && greeting.mayRetry)
        let answer = try await #require(
            error("plain", to: SMTPServer.address("hangs"), Self.settings { $0.timeout = .milliseconds(500) }))
        #expect(answer.code == .unreachable && answer.mayRetry)
        let delivery = try await SMTPServer.running().delivery(
            "silent", settings: Self.settings { $0.probeTimeout = .milliseconds(200) })
        #expect(await mailError { try await delivery.probe() }?.code == .unreachable)
    }

    @Test func `is delivered although the server never says farewell`() async throws {
        let server = try await SMTPServer.running()
        let address = SMTPServer.address("clings")
        let start = ContinuousClock.now
        #expect(
            try await error(
                "plain", to: address,
                Self.settings {
                    $0.timeout = .seconds(60)
                    $0.farewellTimeout = .milliseconds(100)
                }) == nil)
        #expect(try server.arrived(for: address).count == 1)
        // An answer may take 60 s, which must not pass.
        #expect(start.duration(to: .now) < .seconds(40))
    }

    @Test func `ends soon when the task is cancelled`() async throws {
        let (delivery, mail) = (
            try await SMTPServer.running().delivery("silent", settings: Self.settings()), try makeMail(to: SMTPServer.address())
        )
        let task = Task { await mailError { try await delivery.deliver(mail) } }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        let error = try await #require(task.value)
        #expect(error.code == .interrupted && error.mayRetry)
    }

    @Test func `is foreseen by a probe, which signs in to nothing and sends nothing`() async throws {
        let server = try await SMTPServer.running()
        try await server.delivery("plain", credentials: "user:wrong-one").probe()
        try await server.delivery("starttls", "tls=required&\(server.authority)").probe()
        try await server.delivery("tls", server.authority).probe()
        let busy = try server.delivery("busy")
        #expect(await mailError { try await busy.probe() }?.replyCode == 421)
    }

    @Test func `names the place without user and password`() async throws {
        let server = try await SMTPServer.running()
        #expect(try server.delivery("tls", credentials: "user:secret").place == "smtps://localhost:\(server.port("tls"))")
    }
}

@Suite struct `What libcurl says` {
    private func error(_ code: CURLcode, reply: Int = 0, _ text: String = "") throws -> MailError {
        SMTPOutcome.error(code, reply: reply, text: text, try SMTPLocation("smtp://mail.example"))
    }

    @Test func `is passed on where it tells of hosts, as short ASCII, and not where it tells of a mail`() throws {
        let told = try error(CURLE_COULDNT_CONNECT, "Failed\r\n to ü" + String(repeating: "x", count: 300))
        #expect(told.message.hasSuffix("broke off: Failed to " + String(repeating: "x", count: 190)))
        #expect(try error(CURLE_COULDNT_CONNECT).message.contains("connect"))
        #expect(try !error(CURLE_SEND_ERROR, reply: 550, "RCPT failed: a@b.example").message.contains("@"))
    }

    @Test func `is no answer of the server's where the newest one was a good one`() throws {
        #expect(try error(CURLE_RECV_ERROR, reply: 354).code == .unreachable)
        #expect(try error(CURLE_OPERATION_TIMEDOUT, reply: 451).replyCode == nil)
        #expect(try error(CURLE_LOGIN_DENIED, reply: 334).replyCode == nil)
    }

    @Test func `is for good where the library itself cannot`() throws {
        #expect(try error(CURLE_UNSUPPORTED_PROTOCOL).code == .failed && !error(CURLE_UNSUPPORTED_PROTOCOL).mayRetry)
        #expect(try error(CURLE_OUT_OF_MEMORY).mayRetry)
    }

    @Test func `of an option that it does not take is kept, and the first counts`() throws {
        let handle = try #require(curl_easy_init())
        defer { curl_easy_cleanup(handle) }
        let options = SMTPOptions(handle)
        options.set(CURLOPT_NOSIGNAL, 1)
        #expect(options.failure == nil)
        options.set(CURLOPT_SSLVERSION, 99)
        options.check(CURLE_OUT_OF_MEMORY)
        #expect(options.failure == CURLE_BAD_FUNCTION_ARGUMENT)
    }

    @Test func `takes no time for no bound`() {
        #expect(
            Duration.zero.milliseconds == 1 && Duration.seconds(-1).milliseconds == 1 && Duration.milliseconds(1500).milliseconds == 1500)
    }
}
