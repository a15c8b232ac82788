import SeaworthySchema

/// The tables of identities. What is secret stands in them as a hash, or encrypted.
extension SystemSchema {
    /// Who can sign in.
    static let users = Entity(
        name: "SeaworthyUser", table: "seaworthy_users", path: "", key: [0],
        fields: [
            Field("id", .uuid, isRequired: true),
            // In its canonical form, so that an address is one user's.
            Field("email", .string, isRequired: true, maxLength: 254),
            // A PHC string; null for who signs in with a provider only.
            Field("passwordHash", .string),
            Field("passwordChangedAt", .timestamp),
            Field("roles", .json, isRequired: true),
            Field("attributes", .json, isRequired: true),
            Field("verifiedAt", .timestamp),
            Field("disabledAt", .timestamp),
            // Encrypted; of effect once it is confirmed.
            Field("totpSecret", .string),
            Field("totpConfirmedAt", .timestamp),
            // The last time step of which a code was taken: none is taken twice.
            Field("totpStep", .bigint),
            // The hashes of those that are left.
            Field("recoveryCodes", .json),
            Field("createdAt", .timestamp, isRequired: true),
            Field("updatedAt", .timestamp, isRequired: true),
            Field("lastLoginAt", .timestamp),
        ],
        unique: [[1]])

    /// The same people elsewhere: who they are for a provider of OpenID Connect.
    static let linkedIdentities = Entity(
        name: "SeaworthyLinkedIdentity", table: "seaworthy_linked_identities", path: "", key: [0, 1],
        fields: [
            Field("issuer", .string, isRequired: true), Field("subject", .string, isRequired: true),
            Field("userId", .uuid, isRequired: true), Field("createdAt", .timestamp, isRequired: true),
        ],
        indexes: [[2]])

    /// A sign-in that goes on: a family of refresh tokens.
    static let sessions = Entity(
        name: "SeaworthySession", table: "seaworthy_sessions", path: "", key: [0],
        fields: [
            Field("id", .uuid, isRequired: true), Field("userId", .uuid, isRequired: true),
            Field("method", .string, isRequired: true),
            Field("address", .string), Field("userAgent", .string),
            Field("createdAt", .timestamp, isRequired: true), Field("lastSeenAt", .timestamp, isRequired: true),
            Field("expiresAt", .timestamp, isRequired: true),
            Field("revokedAt", .timestamp), Field("revokedFor", .string),
        ],
        indexes: [[1], [7]])

    /// Refresh tokens by the hash of each; those that were used stay until the session has gone, to see them used again.
    static let refreshTokens = Entity(
        name: "SeaworthyRefreshToken", table: "seaworthy_refresh_tokens", path: "", key: [0],
        fields: [
            Field("hash", .string, isRequired: true), Field("sessionId", .uuid, isRequired: true),
            Field("createdAt", .timestamp, isRequired: true), Field("usedAt", .timestamp),
        ],
        indexes: [[1]])

    /// What is sent by mail and works once, by its hash.
    static let mailedTokens = Entity(
        name: "SeaworthyMailedToken", table: "seaworthy_mailed_tokens", path: "", key: [0],
        fields: [
            Field("hash", .string, isRequired: true), Field("purpose", .string, isRequired: true),
            Field("userId", .uuid, isRequired: true), Field("createdAt", .timestamp, isRequired: true),
            Field("expiresAt", .timestamp, isRequired: true),
            // With which somebody registered: it becomes the account's when the address is proven.
            Field("passwordHash", .string),
        ],
        indexes: [[2, 1], [4]])

    /// Every attempt to sign in, also with an address that nobody has.
    static let signIns = Entity(
        name: "SeaworthySignIn", table: "seaworthy_sign_ins", path: "", key: [0],
        fields: [
            // In the order of time.
            Field("id", .uuid, isRequired: true),
            // A keyed hash of the address: what was typed there may be a password.
            Field("account", .string, isRequired: true), Field("userId", .uuid),
            Field("at", .timestamp, isRequired: true), Field("outcome", .string, isRequired: true),
            Field("method", .string, isRequired: true), Field("address", .string), Field("network", .string, isRequired: true),
            Field("userAgent", .string),
        ],
        indexes: [[1, 3], [2, 0], [3]])

    /// What programs sign in with. The prefix is public and finds the key; of the secret there is the hash.
    static let apiKeys = Entity(
        name: "SeaworthyAPIKey", table: "seaworthy_api_keys", path: "", key: [0],
        fields: [
            Field("id", .uuid, isRequired: true), Field("prefix", .string, isRequired: true, maxLength: APIKey.prefixLength),
            Field("hash", .string, isRequired: true), Field("userId", .uuid, isRequired: true),
            Field("name", .string, isRequired: true, maxLength: KeyRecord.maximumName), Field("scopes", .json, isRequired: true),
            Field("createdAt", .timestamp, isRequired: true), Field("expiresAt", .timestamp),
            // Not of each use: at most once a minute.
            Field("lastUsedAt", .timestamp),
            Field("revokedAt", .timestamp),
        ],
        indexes: [[3], [7], [9]], unique: [[1]])

    /// What changed who may do what. Rows are added, and never changed or removed.
    static let securityEvents = Entity(
        name: "SeaworthySecurityEvent", table: "seaworthy_security_events", path: "", key: [0],
        fields: [
            // In the order of time.
            Field("id", .uuid, isRequired: true), Field("at", .timestamp, isRequired: true), Field("event", .string, isRequired: true),
            Field("userId", .uuid), Field("actor", .string), Field("keyId", .uuid), Field("address", .string), Field("userAgent", .string),
            Field("requestId", .string), Field("details", .json, isRequired: true),
        ],
        indexes: [[3, 0]])

    static let identity: [Entity] = [users, linkedIdentities, sessions, refreshTokens, mailedTokens, signIns, apiKeys, securityEvents]
}

extension Field {
    /// A field whose column has its name in words: `lastSeenAt` is `last_seen_at`.
    init(_ name: String, _ type: FieldType, isRequired: Bool = false, maxLength: Int? = nil) {
        let column = name.reduce(into: "") { column, character in
            column += character.isUppercase ? "_\(character.lowercased())" : String(character)
        }
        self.init(name: name, column: column, type: type, isRequired: isRequired, maxLength: maxLength)
    }
}
