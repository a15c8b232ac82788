import HTTPServing
import Logging
import NIOHTTP1
import SeaworthySchema
import Testing

@testable import SeaworthyOpenID

@Suite(.timeLimit(.minutes(5))) struct ProviderMetadataTests {
    static let discovery = "/.well-known/openid-configuration"

    @Test func `fetches the document once for all who ask, and again after an hour`() async throws {
        try await SignIn.with { test in
            let client = test.client
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await client.begin(redirectURI: TestProvider.redirectURI) } }
                try await group.waitForAll()
            }
            test.clock.advance(3_599)
            _ = try await test.client.begin(redirectURI: TestProvider.redirectURI)
            #expect(test.provider.count(Self.discovery) == 1)
            test.clock.advance(1)
            _ = try await test.client.begin(redirectURI: TestProvider.redirectURI)
            #expect(test.provider.count(Self.discovery) == 2)
        }
    }

    @Test func `fetches the keys once, and again after an hour`() async throws {
        try await SignIn.with { test in
            _ = try await test.identity()
            _ = try await test.identity()
            #expect(test.provider.count("/keys") == 1)
            test.clock.advance(3_600)
            // The provider's tokens are of the machine's time.
            test.clock.shiftNow(-3_600)
            _ = try await test.identity()
            #expect(test.provider.count("/keys") == 2)
        }
    }

    @Test func `follows a provider that changes its keys, once a minute`() async throws {
        try await SignIn.with { test in
            _ = try await test.identity()
            test.provider.change {
                $0.keys = [.otherRSA]
                $0.signingKey = .otherRSA
            }
            test.clock.advance(59)
            test.clock.shiftNow(-59)
            #expect(try await test.refusal().code == .unknownKey)
            #expect(test.provider.count("/keys") == 1)
            test.clock.advance(1)
            test.clock.shiftNow(-1)
            #expect(try await test.identity().subject == "person-1")
            #expect(test.provider.count("/keys") == 2)
        }
    }

    @Test func `fetches the keys at most once a minute, however many tokens name unknown ones`() async throws {
        try await SignIn.with { test in
            _ = try await test.identity()
            test.provider.change { $0.header = { $0.set("kid", "nobody-has-it") } }
            for _ in 0..<3 {
                test.clock.advance(60)
                test.clock.shiftNow(-60)
                for _ in 0..<4 { #expect(try await test.refusal().code == .unknownKey) }
            }
            #expect(test.provider.count("/keys") == 4)
        }
    }

    @Test func `does not fetch the keys again and again when that fails`() async throws {
        try await SignIn.with { test in
            _ = try await test.identity()
            test.provider.change {
                $0.header = { $0.set("kid", "nobody-has-it") }
                $0.answers["/keys"] = HTTPReceiver.Answer(status: .internalServerError)
            }
            test.clock.advance(60)
            test.clock.shiftNow(-60)
            for _ in 0..<4 {
                #expect(try await test.refusal() == OpenIDError(.unavailable, "the key set of «test» answers with status 500"))
            }
            #expect(test.provider.count("/keys") == 2)
            // Who signs with a key that is known is not held up.
            test.provider.change { $0.header = { _ in } }
            #expect(try await test.identity().subject == "person-1")
        }
    }

    @Test func `does not ask a provider that is down for everybody`() async throws {
        var behaviour = TestProvider.Behaviour()
        behaviour.answers[Self.discovery] = HTTPReceiver.Answer(status: .serviceUnavailable)
        try await SignIn.with(behaviour) { test in
            let down = OpenIDError(.unavailable, "the discovery document of «test» answers with status 503")
            for _ in 0..<3 {
                await #expect(throws: down) { try await test.client.begin(redirectURI: TestProvider.redirectURI) }
            }
            #expect(test.provider.count(Self.discovery) == 1)
            test.provider.change { $0.answers = [:] }
            test.clock.advance(5)
            _ = try await test.client.begin(redirectURI: TestProvider.redirectURI)
            #expect(test.provider.count(Self.discovery) == 2)
        }
    }

    @Test func `probes at most every ten seconds, and sees when the provider is there again`() async throws {
        try await SignIn.with { test in
            try await test.client.probe()
            test.provider.change { $0.answers[Self.discovery] = HTTPReceiver.Answer(status: .notFound) }
            try await test.client.probe()
            #expect(test.provider.count(Self.discovery) == 1)
            test.clock.advance(10)
            for _ in 0..<2 {
                await #expect(throws: OpenIDError(.invalidAnswer, "the discovery document of «test» answers with status 404")) {
                    try await test.client.probe()
                }
            }
            #expect(test.provider.count(Self.discovery) == 2)
            test.clock.advance(10)
            test.provider.change { $0.answers = [:] }
            try await test.client.probe()
        }
    }

    @Test func `says that nobody is there`() async throws {
        let server = try await HTTPReceiver.start { _ in HTTPReceiver.Answer() }
        let port = server.port
        await server.stop()
        let settings = OpenIDProviderSettings(name: "test", issuer: "http://127.0.0.1:\(port)", clientID: "client-1")
        let client = try OpenIDProvider(settings, logger: Logger(label: "test"))
        let error = await #expect(throws: OpenIDError.self) { try await client.begin(redirectURI: TestProvider.redirectURI) }
        #expect(error?.code == .unavailable)
        #expect(error?.reason.hasPrefix("the discovery document of «test» cannot be reached: ") == true)
    }
}
