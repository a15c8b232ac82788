import Logging
import Testing

@testable import SeaworthyOpenID

@Suite struct OpenIDProviderSettingsTests {
    private static let logger = Logger(label: "test")

    struct Mistake: Sendable {
        var reason: String
        var make: @Sendable (inout OpenIDProviderSettings) -> Void

        init(_ reason: String, _ make: @escaping @Sendable (inout OpenIDProviderSettings) -> Void) {
            self.reason = reason
            self.make = make
        }
    }

    static let mistakes: [Mistake] = [
        Mistake("its issuer is no https address", { $0.issuer = "http://provider.example" }),
        Mistake("its issuer is no https address", { $0.issuer = "https://provider.example?tenant=1" }),
        Mistake("its issuer is no https address", { $0.issuer = "https://user@provider.example" }),
        Mistake("its issuer is no https address", { $0.issuer = "provider.example" }),
        Mistake("its client id is empty", { $0.clientID = "" }),
        Mistake("its client id is empty", { $0.clientID = "ä" }), Mistake("its client secret is empty", { $0.clientSecret = "" }),
        Mistake("its client secret is empty", { $0.clientSecret = "a\n" }),
        Mistake("one of its scopes is no scope", { $0.scopes = ["openid email"] }),
        Mistake("one of its scopes is no scope", { $0.scopes = [""] }), Mistake("one of its scopes is no scope", { $0.scopes = ["a\"b"] }),
        Mistake("its list of tenants is empty", { $0.allowedTenants = [] }),
        Mistake("its list of tenants is empty", { $0.allowedTenants = ["a/b"] }),
        Mistake("its list of tenants is empty", { $0.allowedTenants = [""] }),
        Mistake("its list of tenants is empty", { $0.allowedTenants = ["AAAA-1"] }),
    ]

    @Test(arguments: mistakes)
    func `refuses what cannot work`(mistake: Mistake) {
        var settings = OpenIDProviderSettings(name: "p", issuer: "https://provider.example", clientID: "c", clientSecret: "hidden text")
        mistake.make(&settings)
        let error = #expect(throws: OpenIDError.self) { try OpenIDProvider(settings, logger: Self.logger) }
        #expect(error?.code == .invalidSettings)
        #expect(error?.reason.hasPrefix("the provider «p» cannot be used: \(mistake.reason)") == true)
        #expect(error?.detail == "Sign-in with this provider is not set up correctly.")
        #expect(error?.description.contains("hidden") == false)
    }

    @Test func `asks for openid in any case`() {
        var settings = OpenIDProviderSettings(name: "p", issuer: "https://provider.example", clientID: "c")
        #expect(settings.scopeText == "openid email profile")
        settings.scopes = ["email"]
        #expect(settings.scopeText == "openid email")
    }

    @Test func `finds the document behind an issuer with and without a slash at its end`() {
        #expect(ProviderDocument.address(ofIssuer: "https://a") == "https://a/.well-known/openid-configuration")
        #expect(ProviderDocument.address(ofIssuer: "https://a/b/") == "https://a/b/.well-known/openid-configuration")
    }

    @Test func `has a sentence for clients with every code, and tells nothing else`() {
        #expect(OpenIDError.Code.all.count == 19)
        #expect(Set(OpenIDError.Code.all).count == 19)
        for code in OpenIDError.Code.all {
            let error = OpenIDError(code, "a reason")
            #expect(code.rawValue.hasPrefix("openid."))
            #expect(!error.detail.isEmpty && !error.detail.contains("a reason"))
            #expect(error.description == "a reason [\(code.rawValue)]")
        }
    }
}
