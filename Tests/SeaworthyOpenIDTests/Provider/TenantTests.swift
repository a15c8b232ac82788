import SeaworthySchema
import Testing

@testable import SeaworthyOpenID

/// Microsoft Entra: one address for every organization, and an issuer of its own for each.
@Suite(.timeLimit(.minutes(5))) struct TenantTests {
    static let tenant = "11111111-2222-3333-4444-555555555555"
    static let other = "99999999-2222-3333-4444-555555555555"

    /// As Entra: the document's issuer is a template, and a token's is filled in.
    static func behaviour(path: String = "/common/v2.0", tid: JSONValue? = .string(tenant), issuer: String? = nil) -> TestProvider.Behaviour
    {
        var behaviour = TestProvider.Behaviour()
        behaviour.path = path
        behaviour.document = { document in
            let issuer = document.text("issuer")?.replacing("/common/", with: "/{tenantid}/").replacing(
                "/organizations/", with: "/{tenantid}/")
            document.set("issuer", issuer.map(JSONValue.string))
            document.set("authorization_response_iss_parameter_supported", nil)
        }
        behaviour.callback = { $0.removeAll { $0.name == "iss" } }
        behaviour.claims = { claims in
            let filled = claims.text("iss")?.replacing("/common/", with: "/\(issuer ?? tenant)/").replacing(
                "/organizations/", with: "/\(tenant)/")
            claims.set("iss", filled.map(JSONValue.string))
            claims.set("tid", tid)
        }
        return behaviour
    }

    @Test(arguments: ["/common/v2.0", "/organizations/v2.0"])
    func `lets the tenants of the list in`(path: String) async throws {
        try await SignIn.with(Self.behaviour(path: path), tenants: [Self.other, Self.tenant]) { test in
            let identity = try await test.identity()
            #expect(identity.issuer == "\(test.provider.origin)/\(Self.tenant)/v2.0")
        }
    }

    @Test func `demands a list of tenants`() async throws {
        try await SignIn.with(Self.behaviour()) { test in
            let error = try await test.refusal()
            #expect(error.code == .tenantsMissing)
            #expect(error.reason.hasPrefix("the issuer of «test» serves every organization; list the tenants that may come"))
        }
    }

    @Test(arguments: [.string(other + "x"), nil, 1] as [JSONValue?])
    func `refuses another tenant`(tid: JSONValue?) async throws {
        try await SignIn.with(Self.behaviour(tid: tid), tenants: [Self.tenant, Self.other]) { test in
            let error = try await test.refusal()
            #expect(error.code == .tenantRefused)
            #expect(error.detail == "Your organization may not sign in here.")
        }
    }

    @Test func `refuses a tenant that does not go with the issuer`() async throws {
        try await SignIn.with(Self.behaviour(issuer: Self.other), tenants: [Self.tenant, Self.other]) { test in
            let error = try await test.refusal()
            #expect(error.reason == "the claim «iss» of the ID token is not the provider's issuer")
        }
    }

    @Test func `refuses a template other than that of the issuer`() async throws {
        var behaviour = Self.behaviour()
        behaviour.document = { $0.set("issuer", "https://login.example/{tenantid}/v2.0") }
        try await SignIn.with(behaviour, tenants: [Self.tenant]) { test in
            let error = try await test.refusal()
            #expect(error.code == .invalidDocument)
        }
    }

    @Test(arguments: [(tenant, true), ("{tenantid}", true), (other, false)])
    func `refuses a key that may sign for another tenant only`(named: String, isTaken: Bool) async throws {
        var behaviour = Self.behaviour()
        behaviour.path = "/common/v2.0"
        try await SignIn.with(behaviour, tenants: [Self.tenant]) { test in
            let issuer = "\(test.provider.origin)/\(named)/v2.0"
            test.provider.change {
                $0.keySet = { set in
                    var key = SigningKey.rsa.jwk
                    key.set("issuer", .string(issuer))
                    set.set("keys", [.object(key)])
                }
            }
            if isTaken {
                let identity = try await test.identity()
                #expect(identity.subject == "person-1")
            } else {
                #expect(
                    try await test.refusal() == OpenIDError(.unknownKey, "the key of the ID token may not sign for its issuer"))
            }
        }
    }

    @Test(arguments: [(tenant, true), (other, false)])
    func `takes the issuer of the callback for that of an allowed tenant alone`(named: String, isTaken: Bool) async throws {
        var behaviour = Self.behaviour()
        behaviour.callback = { callback in
            let issuer = callback.first { $0.name == "iss" }?.value.replacing("/common/", with: "/\(named)/") ?? ""
            callback.removeAll { $0.name == "iss" }
            callback.append(("iss", issuer))
        }
        try await SignIn.with(behaviour, tenants: [Self.tenant]) { test in
            if isTaken {
                let identity = try await test.identity()
                #expect(identity.subject == "person-1")
            } else {
                let error = try await test.refusal()
                #expect(error.code == .issuerMismatch)
            }
        }
    }

    @Test func `holds the list against an issuer of one tenant too`() async throws {
        var behaviour = TestProvider.Behaviour()
        behaviour.claims = { $0.set("tid", .string(Self.other)) }
        try await SignIn.with(behaviour, tenants: [Self.tenant]) { test in
            let error = try await test.refusal()
            #expect(error.code == .tenantRefused)
        }
    }
}
