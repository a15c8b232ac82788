import NIOHTTP1
import Testing

@Suite struct `The headers of the OpenAPI document` {
    @Test func `are each sent by some answer`() async throws {
        try await EverythingServer.with { api, document in
            let json: HTTPHeaders = ["Content-Type": "application/json"]
            // ETag, Location, Preference-Applied, Vary, X-Request-Id.
            let owner = try await api.post(
                "/v1/owners", #"{"email":"a@example.com"}"#, headers: ["Content-Type": "application/json", "Prefer": "return=minimal"])
            #expect(owner.status == 201 && owner.body.isEmpty)
            let location = try #require(owner.headers["Location"].first)
            let tag = try #require(owner.headers["ETag"].first)
            #expect(try await api.get(location, headers: ["If-None-Match": tag]).status == 304)
            #expect(try await api.patch(location, #"{"nick":"ab"}"#, headers: json).status == 200)
            #expect(try await api.delete(location, headers: ["If-Match": tag]).status == 412)
            // Link.
            #expect(try await api.post("/v1/owners", #"{"email":"b@example.com"}"#).status == 201)
            #expect(try await api.get("/v1/owners?limit=1").headers["Link"].count == 1)
            #expect(try await api.get("\(location)/history?limit=1").headers["Link"].count == 1)
            // Idempotency-Replayed.
            for _ in 0..<2 {
                let keyed = try await api.post(
                    "/v1/owners", #"{"email":"c@example.com"}"#, headers: ["Content-Type": "application/json", "Idempotency-Key": "c"])
                #expect(keyed.status == 201)
            }
            // WWW-Authenticate, Accept-Encoding, Cache-Control.
            #expect(try await api.get("/v1/inboxes").headers["WWW-Authenticate"].count == 1)
            let coded = try await api.post("/v1/owners", "x", headers: ["Content-Type": "application/json", "Content-Encoding": "br"])
            #expect(coded.status == 415 && coded.headers["Accept-Encoding"] == ["identity"])
            // Retry-After needs a server that is starting, draining or without its database: HealthTests and the fault scripts see it.
            // Set-Cookie needs a browser's session: BrowserSessionTests.
            #expect(document.documentedHeaders.subtracting(document.sentHeaders) == ["retry-after", "set-cookie"])
            // Allow stands at no operation: 405 is the answer where there is none.
            #expect(try await api.send(.DELETE, "/v1/owners").headers["Allow"] == ["GET, HEAD, POST, OPTIONS"])
        }
    }
}
