import SeaworthyData
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Synchronization
import Testing

@testable import SeaworthyData

/// Identities on a real database, with a clock in the test's hand and mails in a list.
final class TestIdentities: Sendable {
    static let password = "correct horse battery"
    /// Hashed in a moment: what is tested is not what a hash costs.
    static let quick = PasswordParameters(memory: 8, passes: 1, lanes: 1)

    let store: TestStore
    let identities: Identities
    private let sent: Mailbox

    private final class Mailbox: Sendable {
        let mails = Mutex<[IdentityMail]>([])
    }

    init(
        _ preamble: String = "identity: { register: true, attributes: { employeeId: integer, region: string } }\n",
        secretKeys: [[UInt8]] = TestStore.secretKeys, store: TestStore? = nil, providers: [any SignInProvider] = [],
        limits: RateLimits? = nil,
        settings change: (inout IdentitySettings) -> Void = { _ in }
    ) async throws {
        let entities =
            "Note:\n  fields: { Text: { type: string } }\n  access: { anyone: { read: true }, sales: { create: true }, authenticated: { read: true } }"
        self.store = if let store { store } else { try await TestStore(entities, preamble: preamble) }
        var settings = IdentitySettings()
        settings.password = Self.quick
        settings.passwordThreads = 2
        settings.publicURL = "https://app.example"
        change(&settings)
        let mailbox = Mailbox()
        sent = mailbox
        identities = Identities(
            try TestStore.schema(entities, preamble: preamble), database: self.store.database, dialect: self.store.dialect,
            secretKeys: secretKeys, signingKeys: SigningKeys(secretKeys: secretKeys), settings: settings, providers: providers,
            limits: limits,
            send: { mail in mailbox.mails.withLock { $0.append(mail) } })
    }

    /// What was sent since the last time this was asked.
    func mails() -> [IdentityMail] {
        sent.mails.withLock { mails in
            defer { mails = [] }
            return mails
        }
    }

    /// The secret in the link of the mail that was sent last.
    func mailedToken() throws -> String {
        let mail = mails().last
        return try Self.token(in: try #require(mail))
    }

    static func token(in mail: IdentityMail) throws -> String {
        let start = mail.text.firstRange(of: "#token=")?.upperBound
        return String(mail.text[try #require(start)...].prefix { !$0.isWhitespace })
    }

    func at(_ seconds: Int64, from address: String? = "192.0.2.1", agent: String? = "test") -> IdentityContext {
        IdentityContext(now: TestStore.now + seconds * 1_000_000, address: address, userAgent: agent)
    }

    @discardableResult
    func makeUser(_ email: String = "ann@example.com", roles: [String] = []) async throws -> User {
        try await identities.createUser(email: email, password: Self.password, roles: roles, now: TestStore.now)
    }

    func signIn(
        _ email: String = "ann@example.com", _ password: String = TestIdentities.password, code: String? = nil, at seconds: Int64 = 0,
        from address: String = "192.0.2.1"
    ) async throws -> Identities.SignedIn {
        try await identities.signIn(email: email, password: password, code: code, at(seconds, from: address))
    }

    /// The bytes of a secret as an authenticator app reads it.
    static func base32(_ text: String) -> [UInt8]? {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        var (bytes, group, bits) = ([UInt8](), 0, 0)
        for character in text {
            guard let value = digits.firstIndex(of: character) else { return nil }
            group = group << 5 | value
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(group >> bits & 255))
            }
        }
        return bytes
    }

    /// Whether a token is taken.
    func isGood(_ token: String, at seconds: Int64 = 0) async -> Bool {
        (try? await identities.authenticate(token, now: TestStore.now + seconds * 1_000_000)) != nil
    }
}

/// A value that several tasks look at and change.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) { mutex = Mutex(value) }

    var value: Value {
        get { mutex.withLock { $0 } }
        set { mutex.withLock { $0 = newValue } }
    }

    func change(_ body: (inout Value) -> Void) { mutex.withLock { value in body(&value) } }
}

/// The code of what a request was refused with, and of each of its problems; «done» when it was not.
func identityRefusal<Result>(_ request: () async throws -> Result) async -> String {
    do {
        _ = try await request()
        return "done"
    } catch let error as IdentityError {
        return ([error.code.rawValue] + error.problems.map { "\($0.pointer) \($0.code)" }).joined(separator: " ")
    } catch {
        return "\(error)"
    }
}
