import Testing

@testable import SeaworthyMail

@Suite struct `The place of a mail server` {
    @Test(arguments: [
        ("smtp://mail.example", "smtp://mail.example:587", SMTPLocation.Encryption.required),
        ("smtp://Mail.Example:25?tls=opportunistic", "smtp://mail.example:25", .opportunistic),
        ("smtp://mail.example/?tls=off", "smtp://mail.example:587", .off),
        ("smtp://mail.example?tls=required", "smtp://mail.example:587", .required),
        ("smtps://mail.example", "smtps://mail.example:465", .implicit),
        ("smtps://mail.example:8465/", "smtps://mail.example:8465", .implicit),
        ("smtp://localhost:1025", "smtp://localhost:1025", .off),
        ("smtp://127.0.0.2", "smtp://127.0.0.2:587", .off),
        ("smtp://[::1]:25", "smtp://[::1]:25", .off),
        ("smtp://localhost?tls=required", "smtp://localhost:587", .required),
        // Names that only look like this machine.
        ("smtp://localhost.example", "smtp://localhost.example:587", .required),
        ("smtp://127.0.0.1.example", "smtp://127.0.0.1.example:587", .required),
        ("smtp://[2001:db8::1]", "smtp://[2001:db8::1]:587", .required),
    ]) func `is read from a URL, and encrypted unless it is this machine`(
        text: String, description: String, encryption: SMTPLocation.Encryption
    ) throws {
        let location = try SMTPLocation(text)
        #expect(location.description == description && location.encryption == encryption)
        #expect(location.user == nil && location.password == nil && location.authorities == nil)
    }

    @Test func `has user, password and file percent-decoded`() throws {
        let secret = "p%40s%3as%2F%23%C3%BC%25"
        let location = try SMTPLocation("smtp://me%40shop.example:\(secret)@mail.example?ca=/etc/some%20ca.crt")
        #expect(location.user == "me@shop.example" && location.password == "p@s:s/#ü%" && location.authorities == "/etc/some ca.crt")
        #expect(try SMTPLocation("smtp://me@mail.example").password == "")
        #expect(try SMTPLocation("smtp://me:a:b@mail.example").password == "a:b")  // not-a-secret: an example
    }

    @Test func `shows neither user nor password`() throws {
        let location = try SMTPLocation("smtps://me:example@mail.example")
        var dumped = "\(location) \(String(reflecting: location))"
        dump(location, to: &dumped)
        #expect(!dumped.contains("example@") && !dumped.contains("\"example\"") && !dumped.contains("me:"))
    }

    @Test(arguments: [
        ("", "begins neither with smtp:// nor with smtps://"), ("mail.example", "begins neither with smtp:// nor with smtps://"),
        ("SMTP:/mail.example", "begins neither with smtp:// nor with smtps://"),
        ("http://mail.example", "begins neither with smtp:// nor with smtps://"),
        ("smtp://", "has no host"), ("smtp://me:secret@", "has no host"), ("smtp://:25", "has no host"), ("smtp://?tls=off", "has no host"),
        ("smtp://mail.example#secret", "has a fragment"), ("smtp://me:secret#secret@mail.example", "has a fragment"),  // not-a-secret
        ("smtp://mail.example/secret", "has a path"), ("smtp://me:25/secret@mail.example", "has a path"),
        ("smtp://me@shop.example:secret@mail.example", "has more than one @"), ("smtp://:secret@mail.example", "has an @ and no user"),
        ("smtp://me:secret%4@mail.example", "has a user or password that is not percent-encoded text"),  // not-a-secret
        ("smtp://me:secret%zz@mail.example", "has a user or password that is not percent-encoded text"),  // not-a-secret
        ("smtp://me:secret%+1@mail.example", "has a user or password that is not percent-encoded text"),  // not-a-secret
        ("smtp://me:secret%FF@mail.example", "has a user or password that is not percent-encoded text"),  // not-a-secret
        ("smtp://me:secret%0A@mail.example", "has a user or password that is not percent-encoded text"),  // not-a-secret
        ("smtp://me%00:secret@mail.example", "has a user or password that is not percent-encoded text"),
        ("smtp://me:secret", "has a host or port that is none"), ("smtp://mail.example:secret", "has a host or port that is none"),
        ("smtp://ma*il.example", "has a host or port that is none"), ("smtp://::1", "has a host or port that is none"),
        ("smtp://mail.example:0", "has a port that is none"), ("smtp://mail.example:65536", "has a port that is none"),
        ("smtp://mail.example:", "has a port that is none"),
        ("smtp://mail.example:99999999999999999999", "has a port that is none"),
        ("smtp://mail.example?secret=1", "has a parameter that is neither tls nor ca"),
        ("smtp://mail.example?TLS=off", "has a parameter that is neither tls nor ca"),
        ("smtp://mail.example?tls=secret", "has a tls that is none of required, opportunistic, off"),
        ("smtp://mail.example?tls=implicit", "has a tls that is none of required, opportunistic, off"),
        ("smtp://mail.example?tls=", "has tls without a value, or twice"), ("smtp://mail.example?tls", "has tls without a value, or twice"),
        ("smtp://mail.example?tls=off&tls=required", "has tls without a value, or twice"),
        ("smtp://mail.example?ca=%00", "has ca without a value, or twice"),
        ("smtps://mail.example?tls=off", "has tls, and smtps:// is always encrypted"),
        ("smtp://mail.example?tls=off&ca=/secret", "has ca, and certificates are not checked"),
        ("smtp://localhost?ca=/secret", "has ca, and certificates are not checked"),
        ("smtp://me:secret@mail.example?tls=off", "has a user, and the password could go over the network in clear text"),
        ("smtp://me:secret@mail.example?tls=opportunistic", "has a user, and the password could go over the network in clear text"),
        ("smtp://mail.example\r\nsecret", "has a space, a control character or one beyond ASCII"),
        ("smtp://mail.example ", "has a space, a control character or one beyond ASCII"),
        ("smtp://bücher.example", "has a space, a control character or one beyond ASCII"),
    ]) func `is refused with what is wrong and how to mend it, and without the value`(text: String, detail: String) {
        let problem = #expect(throws: SMTPLocation.Problem.self) { try SMTPLocation(text) }
        #expect(problem?.detail == detail && problem?.fix.isEmpty == false)
        #expect(problem.map { "\($0)".contains("secret") } == false)
    }

    @Test func `takes a password in clear text to this machine`() throws {
        #expect(try SMTPLocation("smtp://me:secret@localhost:1025").user == "me")
        #expect(try SMTPLocation("smtp://me:secret@127.0.0.1?tls=opportunistic").user == "me")
    }
}
