package import SeaworthySchema

/// The server's own tables, declared like any entity: made and compared with the application's, never routed.
package enum SystemSchema {
    /// The history of every change of the entities that keep one.
    ///
    /// A record's key is its path form, `10248` or `10001,12`; changes are `{field:{"before":…,"after":…}}` in the JSON forms of the API.
    package static let audit = Entity(
        name: "SeaworthyAudit", table: "seaworthy_audit", path: "", key: [0],
        fields: [
            Field(name: "id", column: "id", type: .integer, isGenerated: true),
            Field(name: "entity", column: "entity", type: .string, isRequired: true),
            Field(name: "key", column: "key", type: .string, isRequired: true),
            Field(name: "action", column: "action", type: .string, isRequired: true),
            Field(name: "actor", column: "actor", type: .string),
            Field(name: "at", column: "at", type: .timestamp, isRequired: true),
            Field(name: "requestId", column: "request_id", type: .string),
            Field(name: "changes", column: "changes", type: .json, isRequired: true),
        ],
        indexes: [[1, 2, 0], [1, 5]])

    /// The application's schema with what the server needs for it behind its own entities.
    package static func extending(_ schema: Schema) -> Schema {
        let keepsHistory = schema.entities.contains { $0.audit != nil }
        return Schema(
            name: schema.name, api: schema.api, identity: schema.identity, limits: schema.limits,
            entities: schema.entities + (keepsHistory ? [audit] : []) + identity + [idempotencyKeys] + coordination)
    }
}
