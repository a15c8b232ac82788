import Foundation
import SeededNumbers
import Testing

@testable import SeaworthyMail

@Suite struct `Mail over SMTP` {
    @Test func `arrives byte for byte, and is read by others as it was written`() async throws {
        let server = try await SMTPServer.running()
        let (one, other) = (SMTPServer.address(), SMTPServer.address())
        let subject = "Bücher & 漢字 👩‍👩‍👧 — " + String(repeating: "lang und länger ", count: 12) + "Ende"
        let text =
            ".\n..\n.dot\n\nFrom here\nümlaut \t \n" + String(repeating: "a long line, ", count: 400) + "\n"
            + String(repeating: "é", count: 2000)
            + "\n=3D=\n-- \nend\n\n\n"
        let mail = try makeMail(to: one, other, subject: subject, text: text, from: "\"Bücher, Ltd.\" <shop@sender.example>")
        try await server.delivery("plain").deliver(mail)
        let arrived = try #require(try server.arrived(for: one).first)
        #expect(Array(arrived.bytes) == mail.text.bytes)
        #expect(arrived.subject.utf8.elementsEqual(subject.utf8) && arrived.text.utf8.elementsEqual(text.utf8))
        #expect(arrived.from == "shop@sender.example" && arrived.to == [one, other] && arrived.receivers == [one, other])
        #expect(arrived.sender == [["Bücher, Ltd.", "shop@sender.example"]] && arrived.defects == [])
        #expect(arrived.date == "2026-11-28T19:24:19+00:00" && arrived.type == "text/plain; charset=\"utf-8\"")
        #expect(arrived.greeting == "sender.example" && arrived.user == nil && !arrived.isEncrypted)
        #expect(arrived.options.contains("SIZE=\(mail.text.bytes.count)"))
        let lines = String(decoding: arrived.bytes, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.utf8.count <= 78 && !$0.utf8.contains(0x0A) && !$0.utf8.contains(0x0D) })
        #expect(arrived.bytes.allSatisfy { $0 < 0x80 })
        #expect(try server.arrived(for: other).count == 1)
    }

    @Test func `arrives whatever characters it is made of`() async throws {
        let server = try await SMTPServer.running()
        let delivery = try server.delivery("plain")
        var random = SplitMix(seed: 20_261_128)
        let pieces: [String] = [
            " ", "  ", "\t", ".", "=", "=?", "?=", "\"", "\\", "a", "Zz9", "ü", "e\u{301}", "漢", "😀", "\u{202E}", "<", ",",
        ]
        for _ in 0..<40 {
            let subject = (0..<Int.random(in: 0...60, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
                .replacing("\t", with: " ")
            let text = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                Int.random(in: 0..<12, using: &random) == 0 ? "\n" : pieces.randomElement(using: &random) ?? ""
            }.joined()
            let address = SMTPServer.address()
            try await delivery.deliver(makeMail(to: address, subject: subject, text: text))
            let arrived = try #require(try server.arrived(for: address).first)
            // Bytes, since Swift's String equality folds forms of the same character.
            #expect(arrived.subject.utf8.elementsEqual(subject.utf8))
            let whole = text.isEmpty || text.hasSuffix("\n") ? text : text + "\n"
            #expect(arrived.text.utf8.elementsEqual(whole.utf8))
        }
    }

    @Test func `of a megabyte arrives`() async throws {
        let server = try await SMTPServer.running()
        let address = SMTPServer.address()
        let text = String(repeating: ".A line of some sixty characters, as a person would write it…\n", count: 16_000)
        try await server.delivery("tls", server.authority).deliver(makeMail(to: address, text: text))
        #expect(try #require(try server.arrived(for: address).first).text == text)
    }

    @Test(arguments: [("starttls", "tls=required&"), ("tls", "")])
    func `goes encrypted to a host whose certificate holds, and signs in`(name: String, options: String) async throws {
        let server = try await SMTPServer.running()
        let address = SMTPServer.address()
        try await server.delivery(name, options + server.authority, credentials: "user:p%40ss%3Aw%2Frd")
            .deliver(makeMail(to: address))
        let arrived = try #require(try server.arrived(for: address).first)
        #expect(arrived.isEncrypted && arrived.user == "user")
    }

    @Test(arguments: [("starttls", "tls=required&"), ("tls", "")])
    func `does not go to a host that the certificate does not name, nor to one that nobody known signs for`(
        name: String, options: String
    ) async throws {
        let server = try await SMTPServer.running()
        let address = SMTPServer.address()
        let mail = try makeMail(to: address)
        let other = try server.delivery(name, options + server.authority, host: "127.0.0.1", credentials: "user:p%40ss%3Aw%2Frd")
        let stranger = try await #require(mailError { try await other.deliver(mail) })
        #expect(stranger.code == .encryptionFailed && stranger.mayRetry && stranger.message.contains("127.0.0.1"))
        let unsigned = try server.delivery(name, String(options.dropLast()))
        #expect(await mailError { try await unsigned.deliver(mail) }?.code == .encryptionFailed)
        #expect(await mailError { try await unsigned.probe() }?.code == .encryptionFailed)
        #expect(try server.arrived(for: address).isEmpty)
    }

    @Test func `does not go in clear text where encryption is required, and does where it is not`() async throws {
        let server = try await SMTPServer.running()
        let address = SMTPServer.address()
        let mail = try makeMail(to: address)
        let required = try server.delivery("plain", "tls=required")
        let error = try await #require(mailError { try await required.deliver(mail) })
        #expect(error.code == .encryptionFailed && error.mayRetry && error.replyCode == nil)
        #expect(try server.arrived(for: address).isEmpty)
        try await server.delivery("plain", "tls=opportunistic").deliver(mail)
        #expect(try server.arrived(for: address).map(\.isEncrypted) == [false])
        // Off means off, also to a server that offers encryption, which then refuses.
        let off = try server.delivery("starttls")
        #expect(await mailError { try await off.deliver(mail) }?.replyCode == 530)
        // Encrypted where it is offered, whoever signs the certificate.
        let second = SMTPServer.address()
        try await server.delivery("starttls", "tls=opportunistic", host: "127.0.0.1").deliver(makeMail(to: second))
        #expect(try server.arrived(for: second).map(\.isEncrypted) == [true])
    }

    @Test func `says that a file of authorities cannot be read, which no second attempt mends`() async throws {
        let server = try await SMTPServer.running()
        let delivery = try server.delivery("tls", "ca=/nowhere/ca.crt")
        let error = try await #require(mailError { try await delivery.deliver(makeMail(to: SMTPServer.address())) })
        #expect(error.code == .encryptionFailed && !error.mayRetry)
    }

    @Test func `is not tried again with a wrong password, and is with a server that is busy`() async throws {
        let server = try await SMTPServer.running()
        let mail = try makeMail(to: SMTPServer.address())
        let wrong = try server.delivery("tls", server.authority, credentials: "user:wrong-one")
        let error = try await #require(mailError { try await wrong.deliver(mail) })
        #expect(error.code == .signInFailed && error.replyCode == 535 && !error.mayRetry && !"\(error)".contains("wrong-one"))
        let busy = try server.delivery("tls", server.authority, credentials: "busy:wrong-one")
        let later = try await #require(mailError { try await busy.deliver(mail) })
        #expect(later.code == .signInFailed && later.replyCode == 454 && later.mayRetry)
    }

    @Test func `signs in to this machine in clear text`() async throws {
        let server = try await SMTPServer.running()
        let address = SMTPServer.address()
        try await server.delivery("plain", credentials: "user:p%40ss%3Aw%2Frd").deliver(makeMail(to: address))
        #expect(try server.arrived(for: address).map(\.user) == ["user"])
    }
}
