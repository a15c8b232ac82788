import SeaworthySchema
import Testing

@testable import SeaworthyMail

@Suite struct `The text of a mail` {
    private static let time: Int64 = 1_795_893_859_000_000

    private func lines(
        _ subject: String = "S", text: String = "T\n", from: String = "a@b.example", to: [String] = ["c@d.example"]
    ) throws -> [String] {
        let mail = try OutgoingMail(
            MailMessage(to: to, subject: subject, text: text), from: MailSender(from), id: "some-id", time: Self.time)
        let text = String(decoding: mail.text.bytes, as: UTF8.self)
        #expect(text.hasSuffix("\r\n") && !text.replacing("\r\n", with: "").contains(where: { $0 == "\r" || $0 == "\n" }))
        return text.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test func `is this, byte for byte`() throws {
        #expect(
            try lines(
                "Verify your address", text: "Hello,\n\n  open = this\n", from: "Shop <shop@B.example>", to: ["c@D.example", "e@f.example"])
                == [
                    "Date: Sat, 28 Nov 2026 19:24:19 +0000", "From: Shop <shop@b.example>", "To: c@d.example,", " e@f.example",
                    "Subject: Verify your address", "Message-ID: <some-id@b.example>", "MIME-Version: 1.0",
                    "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 7bit",
                    "Auto-Submitted: auto-generated", "", "Hello,", "", "  open = this", "",
                ])
    }

    private func body(_ text: String) throws -> [String] {
        let lines = try lines(text: text)
        return Array(lines[(try #require(lines.firstIndex(of: "")) + 1)...].dropLast())
    }

    @Test func `is quoted-printable in lines of at most 76, without what servers take away or end at`() throws {
        #expect(try body("") == [])
        #expect(try body("\n") == [""])
        #expect(try body("no end") == ["no end"])
        #expect(try body("ü€😀") == ["=C3=BC=E2=82=AC=F0=9F=98=80"])
        #expect(try body("space \ntab\t\n \n") == ["space=20", "tab=09", "=20"])
        #expect(try body(".\n..a\nb.\n") == ["=2E", "=2E.a", "b."])
        #expect(try body("From me\nFrom\n From me\n") == ["=46rom me", "From", " From me"])
        let letters = String(repeating: "x", count: 75)
        #expect(try body(letters) == [letters])
        #expect(try body(letters + "yz") == [letters + "=", "yz"])
        // What begins a line behind a soft end is guarded too.
        #expect(try body(letters + ".") == [letters + "=", "=2E"])
        #expect(try body(letters.dropLast(2) + "=") == [String(letters.dropLast(2)) + "=", "=3D"])
        #expect(try body(letters.dropLast(3) + "=") == [String(letters.dropLast(3)) + "=3D"])
    }

    @Test func `stays as it is where it goes over the wire unchanged, so that a link in its file can be copied`() throws {
        let link = "https://shop.example/account/verify#token=" + String(repeating: "x", count: 900)
        #expect(try body("Open\n\n    \(link)\n") == ["Open", "", "    \(link)"])
        #expect(try lines(text: "a=b\n").contains("Content-Transfer-Encoding: 7bit"))
        for text in [
            "a=b", "ü=b\n", "a=b \n", "a=b\t\n", ".a=b\n", "From a=b\n", "a=\(String(repeating: "x", count: 997))\n",
        ] {
            #expect(try lines(text: text).contains("Content-Transfer-Encoding: quoted-printable"), "\(text.prefix(20))")
            #expect(try body(text).joined().contains("a=3Db") || text.utf8.count > 900 || text.hasPrefix("ü"))
        }
    }

    private func subject(_ text: String) throws -> [String] {
        let lines = try lines(text)
        let start = try #require(lines.firstIndex { $0.hasPrefix("Subject:") })
        return Array(lines[start..<(try #require(lines.firstIndex { $0.hasPrefix("Message-ID:") }))])
    }

    @Test func `folds a long subject at its spaces`() throws {
        let word = String(repeating: "w", count: 60)
        #expect(try subject("\(word) and \(word)") == ["Subject: \(word) and", " \(word)"])
        #expect(try subject(String(repeating: "w", count: 900)) == ["Subject: " + String(repeating: "w", count: 900)])
        #expect(try subject("") == ["Subject: "])
    }

    @Test(arguments: ["Bücher", " a", "a ", "a  b", "=?utf-8?Q?a?=", String(repeating: "w", count: 901)])
    func `writes a subject in base64 that would not arrive as it is`(text: String) throws {
        let lines = try subject(text)
        #expect(lines.allSatisfy { $0.utf8.count <= 76 && $0.contains("=?utf-8?B?") && $0.hasSuffix("?=") })
    }

    @Test func `ends no encoded word within a character`() throws {
        #expect(
            try subject(String(repeating: "€", count: 30)) == [
                "Subject: =?utf-8?B?4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs?=",
                " =?utf-8?B?4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs?=", " =?utf-8?B?4oKs4oKs?=",
            ])
    }

    @Test(arguments: [
        ("Shop, the <> one", "From: \"Shop, the <> one\" <a@b.example>"), ("The \"one\\", "From: \"The \\\"one\\\\\" <a@b.example>"),
        ("Bücher", "From: =?utf-8?B?QsO8Y2hlcg==?= <a@b.example>"), ("=?x", "From: =?utf-8?B?PT94?= <a@b.example>"),
    ]) func `writes a sender's name so that it is read as it was`(name: String, line: String) throws {
        let quoted = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        #expect(try lines(from: "\"\(quoted)\" <a@b.example>")[1] == line)
    }

    @Test func `gives the address a line of its own behind a long name`() throws {
        let name = String(repeating: "n", count: 70)
        #expect(try lines(from: "\(name) <a@b.example>")[1...2] == ["From: \(name)", " <a@b.example>"])
    }

    @Test(arguments: ["a\r\nBcc: x@y.example", "a\nb", "a\rb", "a\u{0}", "a\tb", "a\u{1B}[31m", "a\u{7F}", "a\u{85}b", "a\u{2028}b"])
    func `is refused with a control character in the subject`(subject: String) {
        #expect { try lines(subject) } throws: { ($0 as? MailError)?.code == .invalidMessage }
    }

    @Test(arguments: ["a\r\nb", "a\rb", "a\u{0}b", "a\u{8}b", "a\u{9F}b", "a\u{2029}b"])
    func `is refused with a control character in the body that is neither line feed nor tab`(text: String) throws {
        #expect { try lines(text: text) } throws: { ($0 as? MailError)?.code == .invalidMessage }
        #expect(try body("a\tb\nc") == ["a\tb", "c"])
    }

    @Test func `is refused with more than 998 bytes of subject or 1 MiB of body`() throws {
        #expect { try lines(String(repeating: "s", count: 999)) } throws: { ($0 as? MailError)?.code == .invalidMessage }
        _ = try lines(String(repeating: "s", count: 998))
        #expect { try lines(text: String(repeating: "s\n", count: 524_289)) } throws: { ($0 as? MailError)?.code == .invalidMessage }
        _ = try lines(text: String(repeating: "s\n", count: 524_288))
    }

    @Test(
        arguments: [
            (0, "Thu, 1 Jan 1970 00:00:00 +0000", "19700101T000000.000000Z"),
            (951_782_399_999_999, "Mon, 28 Feb 2000 23:59:59 +0000", "20000228T235959.999999Z"),
            (951_782_400_000_000, "Tue, 29 Feb 2000 00:00:00 +0000", "20000229T000000.000000Z"),
            (1_772_323_200_000_001, "Sun, 1 Mar 2026 00:00:00 +0000", "20260301T000000.000001Z"),
            (4_102_444_799_000_000, "Thu, 31 Dec 2099 23:59:59 +0000", "20991231T235959.000000Z"),
            (-1, "Thu, 1 Jan 1970 00:00:00 +0000", "19700101T000000.000000Z"),
        ] as [(Int64, String, String)]) func `has its date in UTC`(time: Int64, header: String, label: String)
    {
        #expect(MailDate(time).header == header && MailDate(time).label == label)
    }
}

@Suite struct `A mail that is ready to go` {
    private func mail(to: [String], id: String? = nil) throws -> OutgoingMail {
        let (message, sender) = (MailMessage(to: to, subject: "Subject of it", text: "text of it"), try MailSender("a@b.example"))
        guard let id else { return try OutgoingMail(message, from: sender, time: 0) }
        return try OutgoingMail(message, from: sender, id: id, time: 0)
    }

    @Test func `goes to each address once, and to between 1 and 100`() throws {
        #expect(try mail(to: ["c@d.example", "e@f.example", "c@D.example"]).to.map(\.canonical) == ["c@d.example", "e@f.example"])
        #expect { try mail(to: []) } throws: { ($0 as? MailError)?.code == .invalidMessage }
        _ = try mail(to: (1...100).map { "c\($0)@d.example" })
        #expect { try mail(to: (1...101).map { "c\($0)@d.example" }) } throws: { ($0 as? MailError)?.code == .invalidMessage }
    }

    @Test func `is refused with an address that is none, without saying which`() throws {
        let error = #expect(throws: MailError.self) { try mail(to: ["secret person@d.example"]) }
        #expect(error?.code == .invalidAddress && error?.mayRetry == false)
        #expect(error.map { "\($0)".contains("secret") } == false)
    }

    @Test func `has an id of its own, which is one`() throws {
        let (one, other) = (try mail(to: ["c@d.example"]), try mail(to: ["c@d.example"]))
        #expect(one.id != other.id && one.id.count == 32 && OutgoingMail.isID(one.id))
        for id in ["", "a b", "a/b", "a\r\nb", String(repeating: "a", count: 65)] {
            #expect { try mail(to: ["c@d.example"], id: id) } throws: { ($0 as? MailError)?.code == .invalidMessage }
        }
    }

    @Test func `shows its id only, and for the log at most three domains`() throws {
        let mail = try mail(to: ["c@d.example", "e@d.example", "e@f.example", "e@g.example", "e@h.example"], id: "i")
        #expect("\(mail)" == "mail i" && mail.domains == "d.example f.example g.example …")
        #expect(!String(reflecting: mail).contains("example"))
        var dumped = ""
        dump(mail, to: &dumped)
        #expect(!dumped.contains("example") && !dumped.contains("of it"))
    }
}
