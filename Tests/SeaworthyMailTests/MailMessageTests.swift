import SeaworthyMail
import Testing

@Suite struct MailMessageTests {
    @Test func `is what it was made of`() {
        #expect(MailMessage(to: "a@b.example", subject: "S", text: "T").to == "a@b.example")
    }
}
