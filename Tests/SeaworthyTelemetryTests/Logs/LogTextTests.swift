import Testing

@testable import SeaworthyTelemetry

struct LogTextTests {
    private func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        LogText.appendQuoted(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func plain(_ text: String) -> String {
        var bytes: [UInt8] = []
        LogText.appendPlain(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("", ""), ("plain", "plain"), ("a\"b", "a\\\"b"), ("a\\b", "a\\\\b"), ("\n", "\\n"), ("\r\n", "\\r\\n"), ("\t", "\\t"),
        ("\u{0}", "\\u0000"), ("\u{1B}[0m", "\\u001b[0m"), ("\u{1F}", "\\u001f"), (" ", " "), ("~", "~"), ("\u{7F}", "\\u007f"),
        ("\u{80}", "\\u0080"), ("x\u{9F}y", "x\\u009fy"), ("\u{A0}", "\u{A0}"), ("\u{2027}", "\u{2027}"), ("\u{2028}", "\\u2028"),
        ("\u{2029}", "\\u2029"), ("\u{202A}", "\u{202A}"), ("México 🚢", "México 🚢"), ("/", "/"),
    ])
    func `a JSON string escapes quotes, backslashes, controls and line breaks`(text: String, expected: String) {
        #expect(quoted(text) == "\"\(expected)\"")
    }

    @Test func `plain text keeps quotes and backslashes and escapes the rest`() {
        #expect(plain("a\"b\\c\nd\u{85}e\u{2028}") == "a\"b\\c\\nd\\u0085e\\u2028")
    }
}
