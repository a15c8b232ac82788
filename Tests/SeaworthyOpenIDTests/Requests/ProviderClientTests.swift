import HTTPServing
import NIOHTTP1
import Testing

@testable import SeaworthyOpenID

@Suite(.timeLimit(.minutes(2))) struct ProviderClientTests {
    @Test func `gives up an answer that trickles`() async throws {
        let server = try await HTTPReceiver.start { _ in HTTPReceiver.Answer(trickles: true) }
        let client = ProviderClient()
        await #expect(throws: OpenIDError(.unavailable, "it takes longer than 0.3 seconds")) {
            try await client.send(.GET, "http://127.0.0.1:\(server.port)/", "it", timeout: .milliseconds(300))
        }
        await server.stop()
    }

    @Test func `gives up a server that says nothing`() async throws {
        let gate = Gate()
        await gate.close()
        let server = try await HTTPReceiver.start { _ in
            await gate.pass()
            return HTTPReceiver.Answer()
        }
        let client = ProviderClient()
        await #expect(throws: OpenIDError(.unavailable, "it takes longer than 0.3 seconds")) {
            try await client.send(.GET, "http://127.0.0.1:\(server.port)/", "it", timeout: .milliseconds(300))
        }
        await gate.open()
        await server.stop()
    }

    @Test func `takes an answer of just the bound`() async throws {
        let server = try await HTTPReceiver.start { _ in HTTPReceiver.Answer(body: String(repeating: "x", count: 1 << 20)) }
        let client = ProviderClient()
        #expect(try await client.send(.GET, "http://127.0.0.1:\(server.port)/", "it", timeout: .seconds(60)).body.count == 1 << 20)
        await server.stop()
    }
}
