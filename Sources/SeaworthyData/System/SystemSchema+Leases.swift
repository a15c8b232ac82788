import SeaworthySchema

extension SystemSchema {
    /// Who of all servers does something alone, and until when: a row for each thing that is done so, which stays.
    static let leases = Entity(
        name: "SeaworthyLease", table: "seaworthy_leases", path: "", key: [0],
        fields: [
            Field(name: "name", column: "name", type: .string, isRequired: true),
            Field(name: "holder", column: "holder", type: .string, isRequired: true),
            // Greater with each holder.
            Field(name: "fence", column: "fence", type: .bigint, isRequired: true),
            // By the clock of the database.
            Field(name: "expiresAt", column: "expires_at", type: .timestamp, isRequired: true),
        ])

    /// What servers of one database agree by.
    static let coordination: [Entity] = [
        leases
    ]
}
