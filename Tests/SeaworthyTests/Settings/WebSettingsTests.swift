import PostgresServing
import SeaworthyHTTP
import SeaworthySchema
import Testing

@testable import Seaworthy

@Suite struct `What clients are held to` {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func load(_ environment: [String: String]) throws(SettingsError) -> WebSettings {
        try Settings.load(
            environment: environment, workingDirectory: folder.path, machine: SettingsMachine(processorCount: 4, logsToTerminal: false)
        ).web
    }

    private func problems(_ environment: [String: String]) -> [SettingsProblem] {
        settingsProblems { () throws(SettingsError) in try load(environment) }
    }

    private static func production(_ further: [String: String]) -> [String: String] {
        ["APP_ENV": "production", "SECRET_KEYS": SettingsLoadTests.strongKey].merging(further) { $1 }
    }

    @Test func `trusts no proxy and asks for no HTTPS without being told`() throws {
        let web = try load([:])
        #expect(web.trustedProxies.isEmpty && web.requirement == nil)
        // How a request came is known only where a proxy tells.
        #expect(try load(["PUBLIC_URL": "https://portal.example.com"]).requirement == nil)
    }

    @Test func `trusts the proxies that are named`() throws {
        let web = try load(["TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.7 ,2001:db8::/32", "PUBLIC_URL": "https://portal.example.com/"])
        #expect(web.trustedProxies == TrustedProxies(["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"].compactMap { AddressRange($0) }))
        #expect(web.requirement == HTTPSRequirement(publicURL: "https://portal.example.com"))
        #expect(try load(["TRUSTED_PROXIES": "127.0.0.1", "PUBLIC_URL": "http://localhost:8080"]).requirement == nil)
    }

    @Test(arguments: ["*", ",", "proxy", "10.0.0.0/8,", "10.0.0.0/33", "10.0.0.1;10.0.0.2", "http://10.0.0.1", "loopback"])
    func `a proxy is named by its address`(_ text: String) {
        let found = problems(["TRUSTED_PROXIES": text])
        #expect(found.map(\.subject) == ["TRUSTED_PROXIES"])
        #expect(found.first?.fix.contains("TRUSTED_PROXIES=10.0.0.0/8") == true)
    }

    @Test(arguments: ["0.0.0.0/0", "10.0.0.0/8,::/0", "0.0.0.0/1,128.0.0.0/1", "2000::/6"])
    func `not everybody is trusted where it counts`(_ text: String) throws {
        let found = problems(Self.production(["TRUSTED_PROXIES": text]))
        #expect(found.map(\.subject) == ["TRUSTED_PROXIES"] && found.first?.detail.contains("trusts a large part of all addresses") == true)
        #expect(try !load(["TRUSTED_PROXIES": text]).trustedProxies.isEmpty)
        #expect(problems(Self.production(["TRUSTED_PROXIES": "10.0.0.0/8,fc00::/7"])).isEmpty)
    }

    @Test func `lets no pages of others in without being told`() throws {
        let web = try load([:])
        #expect(web.allowedOrigins.isEmpty && web.cookieDomain == nil)
        let named = try load(["CORS_ALLOWED_ORIGINS": "https://app.example.com, data=https://*.example.com,docs=*"])
        #expect(try named.allowedOrigins == AllowedOrigins(["https://app.example.com", "data=https://*.example.com", "docs=*"]))
    }

    @Test(arguments: ["https://app.example.com/", "app.example.com", "https://a.example.com,", "admin=*", "https://*.com"])
    func `names the origin that is none`(_ text: String) throws {
        let found = problems(["CORS_ALLOWED_ORIGINS": text])
        #expect(found.map(\.subject) == ["CORS_ALLOWED_ORIGINS"] && found.first?.detail.contains("«") == true)
    }

    @Test(
        arguments: [
            ("*", "lets every page"), ("auth=*", "lets every page"), ("http://app.example.com", "can be changed on their way"),
            ("https://a.example.com,http://*.b.example.com", "can be changed on their way"), ("data=*,docs=*", nil),
            ("https://a.example.com", nil),
            ("http://localhost:5173", nil),
        ] as [(String, String?)])
    func `lets not everybody in where it counts`(_ text: String, _ detail: String?) throws {
        let found = problems(Self.production(["CORS_ALLOWED_ORIGINS": text]))
        #expect(found.map(\.subject) == (detail == nil ? [] : ["CORS_ALLOWED_ORIGINS"]))
        #expect(detail == nil || found.first?.detail.contains(detail ?? "") == true)
        #expect(problems(["CORS_ALLOWED_ORIGINS": text]).isEmpty)
    }

    @Test func `shares cookies with the hosts of a domain that is the server's`() throws {
        #expect(try load(["COOKIE_DOMAIN": "Example.com"]).cookieDomain == "example.com")
        #expect(try load(["COOKIE_DOMAIN": "example.com", "PUBLIC_URL": "https://portal.example.com"]).cookieDomain == "example.com")
        #expect(try load(["COOKIE_DOMAIN": "portal.example.com", "PUBLIC_URL": "https://portal.example.com"]).cookieDomain != nil)
        for url in ["https://example.org", "https://badexample.com"] {
            #expect(problems(["COOKIE_DOMAIN": "example.com", "PUBLIC_URL": url]).map(\.code) == [.conflictingValues])
        }
        for text in ["com", ".example.com", "example..com", "localhost", "192.0.2.1", "exa_mple.com", "example.com/", "*.example.com"] {
            #expect(problems(["COOKIE_DOMAIN": text]).map(\.subject) == ["COOKIE_DOMAIN"], "\(text)")
        }
    }

    @Test func `shows the certificate that both files make`() async throws {
        #expect(try load([:]).tls == nil)
        let (first, second) = try await PostgresServer.onThread { [folder] in
            (try TestCertificate("a", in: folder.path), try TestCertificate("b", in: folder.path))
        }
        let web = try load(["TLS_CERT_FILE": first.certificate, "TLS_KEY_FILE": "a.key"])
        #expect(web.tls == TLSFiles(certificate: first.certificate, key: first.key))
        for (environment, subject, detail) in [
            (["TLS_CERT_FILE": first.certificate], "TLS_KEY_FILE", "is not set, and TLS_CERT_FILE is"),
            (["TLS_KEY_FILE": first.key], "TLS_CERT_FILE", "is not set, and TLS_KEY_FILE is"),
        ] {
            #expect(problems(environment).map { "\($0.subject) \($0.detail)" } == ["\(subject) \(detail)"])
        }
        // Commands that show no certificate do without it.
        for (certificate, key, expected) in [
            (first.certificate, first.key, nil), (first.certificate, second.key, "TLS_KEY_FILE is not the key of the certificate"),
            ("none.crt", first.key, "TLS_CERT_FILE is not there"),
        ] as [(String, String, String?)] {
            let web = try load(["TLS_CERT_FILE": certificate, "TLS_KEY_FILE": key])
            #expect(web.certificateProblem().map { "\($0.subject) \($0.detail)" } == expected)
        }
    }
}
