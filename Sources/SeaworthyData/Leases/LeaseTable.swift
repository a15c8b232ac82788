import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// Leases in the application's database, whose clock alone says when one has ended: those of the servers do not have to agree.
struct LeaseTable: Sendable {
    private let database: any Database
    private let taking: SQLText
    private let releasing: SQLText

    init(_ database: any Database, dialect: any Dialect) {
        self.database = database
        let lease = SystemTable(SystemSchema.leases, dialect: dialect)
        let (now, end) = (dialect.time(in: "0"), dialect.time(in: dialect.placeholder(3, .bigint)))
        let (name, holder) = (lease.mark(1, "name"), lease.mark(2, "holder"))
        let isGoingOn = "l.holder = excluded.holder AND l.expires_at > \(now)"
        taking = SQLText(
            """
            INSERT INTO seaworthy_leases AS l (name, holder, fence, expires_at) VALUES (\(name), \(holder), 1, \(end)) \
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at, \
            fence = l.fence + CASE WHEN \(isGoingOn) THEN 0 ELSE 1 END \
            WHERE l.holder = excluded.holder OR l.expires_at <= \(now) RETURNING fence
            """)
        releasing = SQLText(
            "UPDATE seaworthy_leases SET expires_at = \(now) WHERE name = \(name) AND holder = \(holder) AND expires_at > \(now)")
    }

    /// Takes a lease that is free, or goes on with one's own.
    ///
    /// - Returns: its fencing number, greater than that of every holder before; nil where somebody else has the lease.
    func take(_ name: String, for holder: String, lease: Duration) async throws -> Int64? {
        let statement = Statement(taking, [.text(name), .text(holder), .integer(lease.microseconds)])
        return try await database.transaction(.write) { transaction in
            try await transaction.query(statement, into: FirstRow())
        }?.first?.integer
    }

    /// Ends a lease, if it is this holder's.
    func release(_ name: String, of holder: String) async throws {
        let statement = Statement(releasing, [.text(name), .text(holder)])
        _ = try await database.transaction(.write) { transaction in try await transaction.execute(statement) }
    }
}
