import SeaworthySchema
import Testing

@testable import SeaworthyMail

@Suite struct `The sender` {
    @Test(arguments: [
        ("a@b.example", nil, "a@b.example"), (" <a@b.example> ", nil, "a@b.example"),
        ("Shop <a@B.example>", "Shop", "a@b.example"), ("Bücher & mehr <a@b.example>", "Bücher & mehr", "a@b.example"),
        ("\"Shop, \\\"the\\\\one\\\"\" <a@b.example>", "Shop, \"the\\one\"", "a@b.example"), ("\"\" <a@b.example>", nil, "a@b.example"),
    ]) func `is an address, or a name and an address`(text: String, name: String?, address: String) throws {
        let sender = try MailSender(text)
        #expect(sender.name == name && sender.address.canonical == address)
    }

    @Test(arguments: [
        ("Shop", "has an address that has no @"), ("Shop <a>", "has an address that has no @"), ("a@b.example>", "has a > without a <"),
        ("Shop <a@b.example", "has an address that has a space or a control character"),
        ("A <B> <a@b.example>", "has one of < > \" in the name; put the name into quotes"),
        ("\"A <a@b.example>", "has a name with a quote that does not end"),
        ("\" <a@b.example>", "has a name with a quote that does not end"),
        ("\"A\\\" <a@b.example>", "has a name with a quote that does not end"),
        ("\"A\"B\" <a@b.example>", "has a quote within the name; write it \\\""),
        ("A\nBcc: x <a@b.example>", "has a control character"), ("A\u{85} <a@b.example>", "has a control character"),
        (String(repeating: "n", count: 129) + " <a@b.example>", "has a name of more than 128 bytes"),
    ]) func `is refused, and what is wrong is told`(text: String, detail: String) {
        #expect(throws: MailSender.Problem(detail: detail)) { try MailSender(text) }
    }
}
