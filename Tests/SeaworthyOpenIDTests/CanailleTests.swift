import Foundation
import Logging
import PostgresServing
import Testing

@testable import SeaworthyOpenID

/// A provider that others wrote, Canaille, asked as a browser would.
@Suite(.timeLimit(.minutes(15))) struct CanailleTests {
    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let redirectURI = "http://127.0.0.1/signed-in"
    private static let secret = "50% of a +secret: for tests"  // not-a-secret
    private static let running = Task {
        try await PostgresServer.onThread { try ServingScript("test-oidc") }
    }

    /// Canaille announces every way to send a secret, and lets each client do only the one that it was registered with.
    @Test(arguments: ["client_secret_basic", "client_secret_post", "none"])
    func `signs somebody in, from discovery to the identity`(method: String) async throws {
        let script = try await Self.running.value
        let issuer = "http://127.0.0.1:\(try #require(script.words.first))"
        let settings = OpenIDProviderSettings(
            name: "canaille", issuer: issuer, clientID: "seaworthy-\(method)", clientSecret: method == "none" ? nil : Self.secret,
            clientAuthentication: OpenIDClientAuthentication(rawValue: method))
        let client = try OpenIDProvider(settings, logger: Logger(label: "test"))
        let browser = Browser()
        let result: Result<OpenIDIdentity, any Error>
        do {
            try await client.probe()
            let request = try await client.begin(redirectURI: Self.redirectURI)
            let callback = try await Self.signIn(browser, request.url, issuer)
            result = .success(try await client.finish(callback, of: request.attempt))
            let again = await #expect(throws: OpenIDError.self) { try await client.finish(callback, of: request.attempt) }
            #expect(again?.code == .codeRefused)
        } catch {
            result = .failure(error)
        }
        await browser.close()
        await client.close()
        let identity = try result.get()
        #expect(identity.issuer == issuer)
        #expect(identity.subject == "ada")
        #expect(identity.email == "ada@example.org")
        #expect(identity.name == "Ada Lovelace")
    }

    /// Goes from page to page, and fills in each form, until the provider sends the browser back.
    private static func signIn(_ browser: Browser, _ start: String, _ issuer: String) async throws -> OpenIDCallback {
        var address = start
        var page = try await browser.get(address)
        for _ in 0..<20 {
            if let location = page.location {
                if location.hasPrefix(redirectURI) {
                    return try OpenIDCallback(parameters: FormReader.parameters(String(location.drop { $0 != "?" }.dropFirst())))
                }
                address = location.hasPrefix("/") ? issuer + location : location
                page = try await browser.get(address)
            } else {
                page = try await browser.post(address, try form(in: page))
            }
        }
        throw Failure(description: "the provider does not send back")
    }

    private static func form(in page: Browser.Page) throws -> [(String, String)] {
        var form: [(String, String)] = []
        for tag in page.body.matches(of: /<input[^>]*>/).map({ String($0.0) }) {
            guard let name = tag.firstMatch(of: /name="([^"]*)"/)?.1 else { continue }
            switch name {
            case "csrf_token": form.append(("csrf_token", String(tag.firstMatch(of: /value="([^"]*)"/)?.1 ?? "")))
            case "login": form.append(("login", "ada"))
            case "password": form.append(("password", "a password for tests"))
            default: break
            }
        }
        if page.body.contains(#"value="accept""#) { form.append(("answer", "accept")) }
        guard !form.isEmpty else { throw Failure(description: "no form: \(page.status) \(page.body.prefix(2_000))") }
        return form
    }
}
