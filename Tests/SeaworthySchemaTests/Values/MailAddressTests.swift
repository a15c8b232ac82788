import Testing

@testable import SeaworthySchema

@Suite struct `An address` {
    @Test(arguments: [
        ("a@b.example", "a@b.example"),
        ("Some.One+tag@Shop.EXAMPLE", "Some.One+tag@shop.example"),
        ("!#$%&'*+-/=?^_`{|}~@x-y.example", "!#$%&'*+-/=?^_`{|}~@x-y.example"),
        ("root@localhost", "root@localhost"),
        ("a@XN--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("a@1.2.example", "a@1.2.example"),
    ]) func `is read, and its domain is compared in lower case`(text: String, canonical: String) throws {
        #expect(try MailAddress(text).canonical == canonical)
    }

    @Test(arguments: [
        ("", "has no @"), ("a.b.example", "has no @"), ("a@b@c.example", "has more than one @"),
        ("@b.example", "has nothing before the @, or a dot at the begin, at the end or twice"),
        (".a@b.example", "has nothing before the @, or a dot at the begin, at the end or twice"),
        ("a.@b.example", "has nothing before the @, or a dot at the begin, at the end or twice"),
        ("a..b@b.example", "has nothing before the @, or a dot at the begin, at the end or twice"),
        ("\"a\"@b.example", "has a character before the @ that may not stand there"),
        ("a(b)@b.example", "has a character before the @ that may not stand there"),
        ("a,c@b.example", "has a character before the @ that may not stand there"),
        ("<a@b.example>", "has a character before the @ that may not stand there"),
        ("a@", "has a label of its domain that is empty or too long"),
        ("a@b.example.", "has a label of its domain that is empty or too long"),
        ("a@b..example", "has a label of its domain that is empty or too long"),
        ("a@-b.example", "has a domain with other characters than letters, digits and hyphens between them"),
        ("a@b-.example", "has a domain with other characters than letters, digits and hyphens between them"),
        ("a@b_c.example", "has a domain with other characters than letters, digits and hyphens between them"),
        ("a@[127.0.0.1]", "has a domain with other characters than letters, digits and hyphens between them"),
        ("a@127.0.0.1", "has a number as the last label of its domain"),
        ("a@b.example\r\nBcc: c@d.example", "has a space or a control character"),
        ("a@b.example\u{0}", "has a space or a control character"), ("a@b.exa\u{7F}mple", "has a space or a control character"),
        ("a b@b.example", "has a space or a control character"),
        ("ä@b.example", "has characters beyond ASCII; a domain may be written with xn--"),
        ("a@bücher.example", "has characters beyond ASCII; a domain may be written with xn--"),
    ]) func `is refused, and the first thing wrong is told`(text: String, detail: String) {
        #expect(throws: MailAddress.Problem(detail: detail)) { try MailAddress(text) }
    }

    @Test func `has at most 64 bytes before the @, 63 in a label and 254 together`() throws {
        func address(_ local: Int, _ labels: Int...) -> String {
            String(repeating: "a", count: local) + "@" + labels.map { String(repeating: "b", count: $0) }.joined(separator: ".")
        }
        _ = try MailAddress(address(64, 63, 63, 61))
        #expect(throws: MailAddress.Problem(detail: "has more than 64 bytes before the @")) { try MailAddress(address(65, 3)) }
        #expect(throws: MailAddress.Problem(detail: "has a label of its domain that is empty or too long")) {
            try MailAddress(address(1, 64))
        }
        #expect(throws: MailAddress.Problem(detail: "is longer than 254 bytes")) { try MailAddress(address(64, 63, 63, 62)) }
    }

    @Test func `shows its domain only`() throws {
        let address = try MailAddress("someone@b.example")
        #expect("\(address)" == "…@b.example" && !String(reflecting: [address]).contains("someone"))
    }
}
