import Testing

@testable import SeaworthyOpenID

@Suite struct ProviderURLTests {
    @Test(arguments: [
        ("https://accounts.example.com", "accounts.example.com", false),
        ("https://Example.com:8443/realms/a%20b?x=1&y", "example.com", false),
        ("http://localhost:8080/", "localhost", true), ("http://127.0.0.1", "127.0.0.1", true),
        ("http://127.255.0.9:1/", "127.255.0.9", true),
        ("http://[::1]:8080/a", "::1", true), ("https://[2001:db8::1]", "2001:db8::1", false),
        ("http://127.0.0.1.evil.example", "127.0.0.1.evil.example", false),
        ("http://localhost.evil.example", "localhost.evil.example", false), ("http://127.1", "127.1", false),
        ("http://0177.0.0.1", "0177.0.0.1", false),
        ("http://127.00.0.1", "127.00.0.1", false), ("http://128.0.0.1", "128.0.0.1", false), ("https://a", "a", false),
    ])
    func `reads addresses`(text: String, host: String, isLoopback: Bool) throws {
        let url = try #require(ProviderURL(text))
        #expect(url.text == text)
        #expect(url.host == host)
        #expect(url.isLoopback == isLoopback)
        #expect(url.isEncrypted == text.hasPrefix("https"))
        #expect(url.hasQuery == text.contains("?"))
    }

    @Test(arguments: [
        "", "https://", "https:///path", "https://?x", "ftp://a", "HTTPS://a", "//a", "a", "https://user@a", "https://user:password@a",
        "https://a@b/",
        "https://a#f", "https://a/#", "https://a\\b", "https://a/ b", "https://a\nb", "https://a/\u{7F}", "https://ä.example", "https://a:",
        "https://a:0", "https://a:65536", "https://a:+80", "https://a:8 0", "https://a:80:80", "https://[::1", "https://[]",
        "https://[::1]x",
        "https://[::g]", "https://a_b", "https://a%2eb", "https://a/{tenantid}", "https://a/<b>", "https://a\t", " https://a",
    ])
    func `refuses everything that readers of addresses differ about`(text: String) {
        #expect(ProviderURL(text) == nil)
    }
}
