import HTTPTypes
import NIOHTTP1
import SeaworthyData
import Testing

@testable import SeaworthyHTTP

@Suite struct `Cookies of a request` {
    private func values(_ fields: [String], _ name: String = "a") -> [Substring] {
        HTTPExchange(.get, "/", headers: HTTPHeaders(fields.map { ("Cookie", $0) })).cookies(name)
    }

    @Test func `are told apart by semicolons alone`() {
        #expect(values(["a=1"]) == ["1"])
        #expect(values(["b=2; a=1;c=3"]) == ["1"])
        #expect(values(["a=1=2"]) == ["1=2"])
        #expect(values(["a="]) == [""])
        // Nobody's value brings a cookie along.
        #expect(values(["b=2,a=1"]).isEmpty && values(["b=2, a=1"]).isEmpty && values(["ba=1"]).isEmpty && values(["a"]).isEmpty)
        // Takes the separator to itself in Unicode, and not in HTTP.
        #expect(values(["b=\u{600}; a=1"]) == ["1"])
        // Equal to a semicolon or close to an equals sign in Unicode, and neither in HTTP.
        #expect(values(["b=2\u{37E}a=1"]).isEmpty && values(["b=2\u{37E} a=1"]).isEmpty && values(["a=\u{338}1"]) == ["\u{338}1"])
        #expect(values(["ab=1"]).isEmpty && values(["A=1"]).isEmpty && values([]).isEmpty)
        #expect(values(["a=1", "a=2; a=3"]) == ["1", "2", "3"])
    }

    @Test func `have one value or none`() {
        func value(_ field: String) -> String? { HTTPExchange(.get, "/", headers: ["Cookie": field]).cookie("a") }
        #expect(value("a=1") == "1" && value("a=1; a=1") == nil && value("b=1") == nil)
    }
}

@Suite struct `Cookies of a session` {
    private static let key = [UInt8](repeating: 1, count: 32)
    private static let other = [UInt8](repeating: 2, count: 32)

    private func cookies(_ keys: [[UInt8]] = [key], domain: String? = nil) -> SessionCookies {
        SessionCookies(secretKeys: keys, domain: domain)
    }

    private func set(_ cookies: SessionCookies, _ name: SessionCookies.Name, _ value: String) -> String {
        var fields = HTTPFields()
        cookies.set(name, value, lifetime: .seconds(900), in: &fields)
        return fields[.setCookie] ?? ""
    }

    private func read(_ cookies: SessionCookies, _ name: SessionCookies.Name, _ cookie: String) -> String? {
        cookies.value(name, in: HTTPExchange(.get, "/", headers: ["Cookie": cookie]))
    }

    @Test func `are for this host, in secret, and for no script`() {
        let access = set(cookies(), .access, "token")
        #expect(access.hasPrefix("__Host-seaworthy-access=token."))
        #expect(access.hasSuffix("; Path=/; Max-Age=900; HttpOnly; Secure; SameSite=Lax"))
        for name in [SessionCookies.Name.refresh, .csrf] {
            let text = set(cookies(), name, "x")
            #expect(text.hasPrefix("__Host-seaworthy-\(name.rawValue)=x.") && text.hasSuffix("; HttpOnly; Secure; SameSite=Strict"))
            #expect(!text.contains("Domain"))
        }
    }

    @Test func `are shared by the hosts of a domain where it is named`() {
        let text = set(cookies(domain: "example.com"), .refresh, "x")
        #expect(text.hasPrefix("__Secure-seaworthy-refresh=x."))
        #expect(text.contains("; Path=/; Domain=example.com; Max-Age=900;"))
        // A cookie of the other kind is none of these.
        let host = String(set(cookies(), .refresh, "x").prefix { $0 != ";" })
        #expect(read(cookies(domain: "example.com"), .refresh, host) == nil)
    }

    @Test func `are read as they were set, with each of the keys`() {
        let text = String(set(cookies(), .access, "a.b.c").prefix { $0 != ";" })
        #expect(read(cookies(), .access, text) == "a.b.c")
        #expect(read(cookies([Self.other, Self.key]), .access, text) == "a.b.c")
        #expect(read(cookies([Self.other]), .access, text) == nil)
    }

    @Test func `are nothing when they were changed, moved or doubled`() {
        let text = String(set(cookies(), .access, "token").prefix { $0 != ";" })
        #expect(read(cookies(), .access, text.replacing("token", with: "other")) == nil)
        #expect(read(cookies(), .refresh, text.replacing("-access", with: "-refresh")) == nil)
        #expect(read(cookies(), .access, text + "x") == nil && read(cookies(), .access, String(text.dropLast())) == nil)
        #expect(read(cookies(), .access, "\(text); \(text)") == nil)
        #expect(
            read(cookies(), .access, "__Host-seaworthy-access=token") == nil && read(cookies(), .access, "__Host-seaworthy-access=") == nil)
        #expect(read(cookies(), .access, text.replacing("__Host-", with: "")) == nil)
    }

    @Test func `are taken away as they were set`() {
        var fields = HTTPFields()
        cookies(domain: "example.com").clear(.csrf, in: &fields)
        #expect(fields[.setCookie] == "__Secure-seaworthy-csrf=; Path=/; Domain=example.com; Max-Age=0; HttpOnly; Secure; SameSite=Strict")
    }
}

@Suite struct `Requests with cookies` {
    private static let session = "0190c1a0-0000-7000-8000-000000000001"

    private func browser(_ publicURL: String? = "https://shop.example.com/base", allowed: [String] = []) throws -> BrowserSessions {
        var settings = IdentitySettings()
        settings.publicURL = publicURL
        return BrowserSessions(
            secretKeys: [Array(repeating: 1, count: 32)], settings: settings, allowed: try AllowedOrigins(allowed))
    }

    private func problem(_ body: () throws(Problem) -> Void) -> String {
        do {
            try body()
            return "fine"
        } catch {
            #expect(error.status == .forbidden)
            return error.code.rawValue
        }
    }

    @Test(
        arguments: [
            ([("Origin", "https://shop.example.com")], "fine"), ([("Origin", "https://SHOP.example.com:443")], "fine"),
            // As the browser knows the server, past what PUBLIC_URL says.
            ([("Origin", "https://internal:8443"), ("Host", "internal:8443")], "fine"),
            ([("Origin", "http://internal"), ("Host", "internal")], "cross_site_request"),
            ([("Origin", "http://shop.example.com"), ("Host", "shop.example.com")], "cross_site_request"),
            ([("Origin", "https://evil.example"), ("Host", "shop.example.com")], "cross_site_request"),
            ([("Origin", "https://shop.example.com.evil.example")], "cross_site_request"), ([("Origin", "null")], "cross_site_request"),
            ([("Origin", "")], "cross_site_request"),
            ([("Origin", "https://shop.example.com, https://evil.example")], "cross_site_request"),
            ([("Origin", "https://sub.partner.example")], "fine"), ([("Origin", "https://partner.example")], "cross_site_request"),
            // Everybody's pages are not as good as ours.
            ([("Origin", "https://any.example")], "cross_site_request"),
            // Without an origin, what the browser says of the page.
            ([("Sec-Fetch-Site", "same-origin")], "fine"), ([("Sec-Fetch-Site", "none")], "fine"),
            ([("Sec-Fetch-Site", "same-site")], "cross_site_request"), ([("Sec-Fetch-Site", "cross-site")], "cross_site_request"),
            ([("Sec-Fetch-Site", "anything")], "cross_site_request"), ([], "fine"),
        ] as [([(String, String)], String)])
    func `come from pages of ours`(_ fields: [(String, String)], _ outcome: String) throws {
        let browser = try browser(allowed: ["https://*.partner.example", "data=*"])
        let exchange = HTTPExchange(.post, "/v1/orders", headers: HTTPHeaders(fields))
        #expect(problem { () throws(Problem) in try browser.requireOwnSite(exchange) } == outcome)
    }

    @Test func `may come in clear where the server is known so`() throws {
        let exchange = HTTPExchange(.post, "/v1/orders", headers: ["Origin": "http://localhost:8080", "Host": "localhost:8080"])
        for (url, outcome) in [("http://localhost:9999", "fine"), (nil, "fine"), ("https://a.example", "cross_site_request")]
            as [(String?, String)]
        {
            let browser = try browser(url)
            #expect(problem { () throws(Problem) in try browser.requireOwnSite(exchange) } == outcome)
        }
        // What came by HTTPS was sent by no page in clear.
        let secure = HTTPExchange(
            .post, "/v1/orders", headers: ["Origin": "http://localhost:8080", "Host": "localhost:8080"], isSecure: true)
        let browser = try browser(nil)
        #expect(problem { () throws(Problem) in try browser.requireOwnSite(secure) } == "cross_site_request")
    }

    @Test func `repeat the token of their session, of this browser`() throws {
        let browser = try browser()
        func made(_ session: String, _ cookie: String? = nil) -> (token: String, cookie: String?) {
            var fields = HTTPFields()
            let exchange = HTTPExchange(.get, "/", headers: cookie.map { ["Cookie": $0] } ?? [:])
            let token = browser.changeToken(of: session, exchange, in: &fields)
            return (token, fields[.setCookie].map { String($0.prefix { $0 != ";" }) })
        }
        func outcome(_ token: String?, _ cookie: String?, session: String = Self.session, _ further: HTTPHeaders = [:]) -> String {
            var headers = further
            if let token { headers.add(name: "x-csrf-token", value: token) }
            if let cookie { headers.add(name: "Cookie", value: cookie) }
            let exchange = HTTPExchange(.post, "/v1/orders", headers: headers)
            return problem { () throws(Problem) in try browser.requireOwnChange(exchange, session: session) }
        }
        let (token, cookie) = made(Self.session)
        let kept = try #require(cookie)
        #expect(outcome(token, kept) == "fine")
        // All pages of a browser have the same; another browser has another.
        #expect(made(Self.session, kept).token == token && made(Self.session, kept).cookie == nil)
        let second = made(Self.session)
        #expect(second.token != token)
        #expect(outcome(nil, kept) == "csrf_token_missing")
        #expect(outcome(token, nil) == "csrf_token_invalid")
        #expect(outcome(second.token, kept) == "csrf_token_invalid")
        #expect(outcome(token + "x", kept) == "csrf_token_invalid" && outcome("", kept) == "csrf_token_invalid")
        #expect(outcome(token, kept, session: "another") == "csrf_token_invalid")
        // A token of another session, cookie and all, as who could set cookies might bring it.
        let foreign = made("another")
        #expect(outcome(foreign.token, foreign.cookie) == "csrf_token_invalid")
        #expect(made(Self.session, foreign.cookie).token != foreign.token)
        #expect(outcome(token, kept, ["Origin": "https://evil.example"]) == "cross_site_request")
    }
}
