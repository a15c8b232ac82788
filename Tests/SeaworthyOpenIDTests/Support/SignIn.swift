import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import ProviderServing

@testable import SeaworthyOpenID

/// A provider, a client of it, and the browser between them.
struct SignIn {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let provider: TestProvider
    let client: OpenIDProvider
    let clock: TestClock
    /// What the browser does not follow by itself.
    let browser: Browser

    static func with(
        _ behaviour: TestProvider.Behaviour = TestProvider.Behaviour(), limit: Int = 64, authentication: OpenIDClientAuthentication? = nil,
        scopes: [String] = ["openid", "email", "profile"], tenants: [String]? = nil, otherAudiences: [String] = [],
        readsUserInfo: Bool = true, _ body: (SignIn) async throws -> Void
    ) async throws {
        let provider = try await TestProvider.start(behaviour)
        let settings = OpenIDProviderSettings(
            name: "test", issuer: provider.issuer, clientID: behaviour.clientID, clientSecret: behaviour.secret,
            clientAuthentication: authentication, scopes: scopes, allowedTenants: tenants, otherAudiences: otherAudiences,
            readsUserInfo: readsUserInfo)
        let clock = TestClock()
        let browser = Browser()
        do {
            let client = try OpenIDProvider(settings, clock: clock.clock, logger: Logger(label: "test"), limit: limit)
            try await body(SignIn(provider: provider, client: client, clock: clock, browser: browser))
            await provider.stop()
        } catch {
            await provider.gate.open()
            await provider.stop()
            throw error
        }
    }

    func callback(of request: OpenIDRequest) async throws -> OpenIDCallback {
        let answer = try await browser.get(request.url)
        guard let location = answer.location, location.hasPrefix(request.attempt.redirectURI) else {
            throw Failure(description: "the provider does not send back: \(answer.status) \(answer.body)")
        }
        return try OpenIDCallback(parameters: FormReader.parameters(String(location.drop { $0 != "?" }.dropFirst())))
    }

    func identity() async throws -> OpenIDIdentity {
        let request = try await client.begin(redirectURI: TestProvider.redirectURI)
        return try await client.finish(try await callback(of: request), of: request.attempt)
    }

    /// Why nobody signs in.
    func refusal() async throws -> OpenIDError {
        do {
            _ = try await identity()
            throw Failure(description: "somebody signed in")
        } catch let error as OpenIDError {
            return error
        }
    }
}
