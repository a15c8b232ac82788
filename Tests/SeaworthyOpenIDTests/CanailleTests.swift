import Foundation
import Logging
import ProviderServing
import Testing

@testable import SeaworthyOpenID

/// A provider that others wrote, Canaille, asked as a browser would.
@Suite(.timeLimit(.minutes(15))) struct CanailleTests {
    private static let redirectURI = "http://127.0.0.1/signed-in"

    /// Canaille announces every way to send a secret, and lets each client do only the one that it was registered with.
    @Test(arguments: ["client_secret_basic", "client_secret_post", "none"])
    func `signs somebody in, from discovery to the identity`(method: String) async throws {
        let provider = try await CanailleProvider.started()
        let issuer = provider.issuer
        let settings = OpenIDProviderSettings(
            name: "canaille", issuer: issuer, clientID: CanailleProvider.clientID(method),
            clientSecret: method == "none" ? nil : CanailleProvider.secret,
            clientAuthentication: OpenIDClientAuthentication(rawValue: method))
        let client = try OpenIDProvider(settings, logger: Logger(label: "test"))
        let browser = Browser()
        try await client.probe()
        let request = try await client.begin(redirectURI: Self.redirectURI)
        let back = try await provider.signIn(browser, from: request.url, backTo: Self.redirectURI)
        let callback = try OpenIDCallback(parameters: FormReader.parameters(String(back.drop { $0 != "?" }.dropFirst())))
        let identity = try await client.finish(callback, of: request.attempt)
        let again = await #expect(throws: OpenIDError.self) { try await client.finish(callback, of: request.attempt) }
        #expect(again?.code == .codeRefused)
        #expect(identity.issuer == issuer)
        #expect(identity.subject == "ada")
        #expect(identity.email == "ada@example.org")
        #expect(identity.name == "Ada Lovelace")
    }
}
