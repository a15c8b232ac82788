import SeaworthySchema

extension SystemSchema {
    /// Answers that were given to requests with an `Idempotency-Key`, to be given again, and the claims of those that are under way.
    static let idempotencyKeys = Entity(
        name: "SeaworthyIdempotencyKey", table: "seaworthy_idempotency_keys", path: "", key: [0],
        fields: [
            // A hash of who sent the key, and of the key: neither stands here.
            Field("id", .string, isRequired: true),
            // Whose rows go with them.
            Field("userId", .uuid),
            Field("fingerprint", .string, isRequired: true),
            // Of whoever carries the request out; another's once it was taken over.
            Field("token", .string, isRequired: true),
            Field("claimedUntil", .timestamp, isRequired: true), Field("expiresAt", .timestamp, isRequired: true),
            // Null while the request is under way.
            Field("status", .integer), Field("headers", .json), Field("body", .bytes),
        ],
        indexes: [[1], [5]])
}
