import SeaworthySchema

/// What is stored of an API key, as its owner sees it.
package struct KeyRecord: Sendable, Hashable {
    /// The longest name, in Unicode scalars.
    package static let maximumName = 100
    /// The most scopes of a key.
    package static let maximumScopes = 100
    /// The most keys of a user that are good at the same time.
    package static let maximumLive = 50

    package var id: String
    /// What stands in the key between `sw_` and the secret.
    package var prefix: String
    /// Of the secret.
    var hash: String
    package var userID: String
    package var name: String
    /// As they were given: `*`, `Order:read`, `*:read`.
    package var scopes: [String]
    /// In microseconds since the epoch, as every time here.
    package var createdAt: Int64
    /// Nil for a key that is good until it is revoked.
    package var expiresAt: Int64?
    /// Of the last use or one up to a minute before; nil for a key that was never used.
    package var lastUsedAt: Int64?
    var revokedAt: Int64?

    init(_ key: APIKey, userID: String, name: String, scopes: [String], createdAt: Int64, expiresAt: Int64?) {
        id = UUIDv7.make(milliseconds: createdAt / 1000)
        prefix = key.prefix
        hash = RandomSecret.hash(key.secret)
        self.userID = userID
        self.name = name
        self.scopes = scopes
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    /// A row of the table; nil for one that cannot be.
    init?(_ row: [Value]) {
        guard row.count == SystemSchema.apiKeys.fields.count, let id = row[0].text, let prefix = row[1].text, let hash = row[2].text,
            let userID = row[3].text, let name = row[4].text, let createdAt = row[6].integer
        else { return nil }
        self.id = id
        self.prefix = prefix
        self.hash = hash
        self.userID = userID
        self.name = name
        scopes = User.texts(row[5])
        self.createdAt = createdAt
        expiresAt = row[7].integer
        lastUsedAt = row[8].integer
        revokedAt = row[9].integer
    }

    var row: [Value] {
        [
            .text(id), .text(prefix), .text(hash), .text(userID), .text(name), User.list(scopes), .integer(createdAt),
            .optional(expiresAt), .optional(lastUsedAt), .optional(revokedAt),
        ]
    }
}
