import SeaworthyData
import SeaworthySchema

/// `seaworthy key …`: API keys, past the server.
package struct KeyOperation: Sendable {
    /// How long a key may be good that is made to end: a second to a hundred years.
    static let lifetimes: ClosedRange<Duration> = .seconds(1) ... .seconds(36_500 * 86_400)

    private let schemaPath: String

    package init(schemaPath: String) {
        self.schemaPath = schemaPath
    }

    /// `30d`, `12h`; nil for what is no such length, or too long or short for a key.
    package static func lifetime(_ text: String) -> Duration? {
        DurationText.parse(text).flatMap { lifetimes.contains($0) ? $0 : nil }
    }

    /// Makes a key for a user. The first line of the report's text is the key, which is told this once.
    ///
    /// - Parameter lifetime: nil for a key that is good until it is revoked.
    package func create(email: String, name: String, scopes: [String], lifetime: Duration?) async throws -> OperationReport {
        try await Operations.identities(schemaPath: schemaPath) { identities in
            let now = WallClock.microseconds()
            let user = try await identities.user(email: email)
            guard user.verifiedAt != nil else {
                throw OperationFailure(
                    "\(user.email) is not proven yet, so that a key would be of no use. Fix: open the mail that was sent there")
            }
            let expiresAt = lifetime.map { now + $0.components.seconds * 1_000_000 }
            let (key, record) = try await identities.createKey(
                for: user.id, name: name, scopes: scopes, expiresAt: expiresAt, now: now)
            var members = Self.json(record, user.email)
            members.append("key", .string(key))
            return OperationReport(
                "\(key)\nThis is the key, told this once. \(Self.line(record, user.email))",
                JSONValue.object(members))
        }
    }

    /// The keys that are good.
    ///
    /// - Parameter email: whose; nil for everybody's, in the order of their prefixes.
    package func list(email: String?) async throws -> OperationReport {
        try await Operations.identities(schemaPath: schemaPath) { identities in
            let now = WallClock.microseconds()
            var keys: [(key: KeyRecord, email: String)] = []
            if let email {
                let user = try await identities.user(email: email)
                keys = try await identities.keys(of: user.id, now: now).map { ($0, user.email) }
            } else {
                while true {
                    let page = try await identities.keys(behind: keys.last?.key.prefix ?? "", limit: 1000, now: now)
                    keys += page
                    if page.count < 1000 { break }
                }
            }
            return OperationReport(
                keys.isEmpty ? "no keys" : keys.map { Self.line($0.key, $0.email) }.joined(separator: "\n"),
                JSONValue.array(keys.map { .object(Self.json($0.key, $0.email)) }))
        }
    }

    /// Ends a key, on every server within a second.
    ///
    /// - Parameter prefix: what stands behind `sw_`; the whole key does as well.
    package func revoke(prefix: String) async throws -> OperationReport {
        try await Operations.identities(schemaPath: schemaPath) { identities in
            let key = try await identities.revokeKey(prefix: prefix, now: WallClock.microseconds())
            let json: JSONValue = ["id": .string(key.id), "prefix": .string(key.prefix), "name": .string(key.name), "isRevoked": true]
            return OperationReport("\(key.prefix) «\(key.name)»: revoked", json)
        }
    }

    private static func line(_ key: KeyRecord, _ email: String) -> String {
        func time(_ time: Int64) -> String {
            if case .string(let text) = Self.time(time) { text } else { "?" }
        }
        let end = key.expiresAt.map { "until \(time($0))" } ?? "until it is revoked"
        let use = key.lastUsedAt.map { "last used \(time($0))" } ?? "never used"
        return "\(key.prefix) «\(key.name)» of \(email): \(key.scopes.joined(separator: " ")), \(end), \(use)"
    }

    private static func json(_ key: KeyRecord, _ email: String) -> JSONObject {
        [
            "id": .string(key.id), "prefix": .string(key.prefix), "email": .string(email), "name": .string(key.name),
            "scopes": .array(key.scopes.map(JSONValue.string)), "createdAt": time(key.createdAt), "expiresAt": time(key.expiresAt),
            "lastUsedAt": time(key.lastUsedAt),
        ]
    }

    private static func time(_ microseconds: Int64?) -> JSONValue {
        FieldType.timestamp.json(microseconds.map(Value.integer) ?? .null)
    }
}
