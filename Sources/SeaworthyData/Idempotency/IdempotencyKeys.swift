import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// Carries each request out once for the key that its client named it by.
///
/// 1. ``begin(_:now:)`` claims the key in a transaction of its own, with a random token and for a limited time.
/// 2. The write's own transaction ends by storing the answer where the token is still the claim's (``IdempotencyClaim``). Where it is not,
///    the write is undone.
/// 3. What failed gives the key back (``release(_:)``).
///
/// So a node may end anywhere: before the commit nothing was written, and a retry takes the claim over when its time is up; behind the commit
/// the answer is there. Why in the database: docs/decisions/0050-idempotency-in-the-database.md.
package struct IdempotencyKeys: Sendable {
    /// How long an answer is given again, from when the request began.
    package static let lifetime: Duration = .seconds(86_400)
    /// How long a claim holds at least. Longer than a request takes: one that takes longer all the same may be taken over, and is then
    /// undone.
    package static let lease: Duration = .seconds(60)
    /// How much longer a claim holds for each MiB of the body: imports of gigabytes take minutes.
    package static let leaseForEachMiB: Duration = .seconds(2)
    /// The most bytes of an answer that is kept; a larger one undoes its write.
    package static let maximumAnswerBytes = 1024 * 1024
    /// How often a key is looked at again that others change at the same time.
    private static let attempts = 3

    private let database: any Database
    private let find: SQLText
    private let insert: SQLText
    private let takeOver: SQLText
    private let keep: SQLText
    private let remove: SQLText
    /// Removes what has expired. Parameters: the time, the most rows.
    let removeExpired: SQLText

    init(_ database: any Database, dialect: any Dialect) {
        self.database = database
        let table = SystemTable(SystemSchema.idempotencyKeys, dialect: dialect)
        find = table.select(by: "id")
        insert = table.insert(suffix: " ON CONFLICT DO NOTHING")
        let renewed = ["userId", "fingerprint", "token", "claimedUntil", "expiresAt", "status", "headers", "body"]
        // The last one's token is enough to know the claim; that it is still without an answer, or that this is too old, has to be said.
        takeOver = table.update(
            renewed, by: "id", "token", and: "(status IS NULL OR expires_at <= \(table.mark(renewed.count + 3, "expiresAt")))")
        keep = table.update(["status", "headers", "body"], by: "id", "token")
        remove = table.delete(by: "id", "token", and: "status IS NULL")
        removeExpired = SQLText(
            "DELETE FROM seaworthy_idempotency_keys WHERE id IN (SELECT id FROM seaworthy_idempotency_keys WHERE expires_at <= \(table.mark(1, "expiresAt")) LIMIT \(dialect.placeholder(2, .integer)))"
        )
    }

    /// What comes of a request at its beginning.
    package enum Beginning: Sendable {
        /// It is to be carried out, and then to be ended or released.
        case claimed(IdempotencyClaim)
        /// It was carried out before.
        case answered(StoredAnswer)
    }

    /// - Parameter now: in microseconds since the epoch.
    /// - Throws: ``IdempotencyError``: `idempotency_key_reused`, `idempotency_key_in_use`.
    package func begin(_ request: IdempotentRequest, now: Int64) async throws -> Beginning {
        let token = RandomSecret.make()
        for _ in 0..<Self.attempts {
            // Outside of a transaction that writes: who asks again does not wait for the write that is under way.
            let rows = try await database.query(Statement(find, [.text(request.id)]), into: ValueRows())
            let isClaimed: Bool
            if let row = rows.first {
                guard let row = IdempotencyRow(row) else {
                    throw StorageError(.failed, message: "a row of seaworthy_idempotency_keys cannot be read")
                }
                switch row.decision(for: request.fingerprint, now: now) {
                case .answer(let answer):
                    try await markConsistency()
                    return .answered(answer)
                case .refuse(let error): throw error
                case .takeOver(let last): isClaimed = try await claim(request, token, from: last, now: now)
                }
            } else {
                isClaimed = try await claim(request, token, from: nil, now: now)
            }
            if isClaimed { return .claimed(IdempotencyClaim(id: request.id, token: token, statement: keep)) }
        }
        throw IdempotencyError.inUse
    }

    /// Whether the key could be had.
    ///
    /// - Parameter last: the token that is taken over; nil where there was no row.
    private func claim(_ request: IdempotentRequest, _ token: String, from last: String?, now: Int64) async throws -> Bool {
        let lease = Self.lease + Self.leaseForEachMiB * (request.fingerprint.bodyBytes / (1024 * 1024))
        let values: [Value] = [
            .optional(request.userID), .text(request.fingerprint.text), .text(token), .integer(now + lease.microseconds),
            .integer(now + Self.lifetime.microseconds), .null, .null, .null,
        ]
        let statement =
            last.map { Statement(takeOver, values + [.text(request.id), .text($0), .integer(now)]) }
            ?? Statement(insert, [.text(request.id)] + values)
        do {
            return try await database.transaction(.write) { try await $0.execute(statement) } == 1
        } catch let error as CancellationError {
            // Who sent it has gone, maybe behind the commit; their retry should not have to wait until the claim runs out.
            await release(id: request.id, token)
            throw error
        }
    }

    /// Gives a key back whose request came to nothing, also when who sent it has gone. A claim that cannot be given back runs out.
    package func release(_ claim: IdempotencyClaim) async { await release(id: claim.id, claim.token) }

    private func release(id: String, _ token: String) async {
        // A task of its own, since that of the request may be cancelled.
        await Task {
            _ = try? await database.transaction(.write) { transaction in
                // Where the failure was one of being told of the commit, the answer stands there, and stays.
                try await transaction.execute(Statement(remove, [.text(id), .text(token)]))
            }
        }.value
    }

    /// Where replicas answer reads, whoever gets an answer again has to be told how far these have to be, as with the first.
    private func markConsistency() async throws {
        guard ReadConsistency.current != nil else { return }
        _ = try await database.transaction(.write) { try await $0.query(Statement(Self.nothing), into: ValueRows()) }
    }

    private static let nothing = SQLText("SELECT 1")
}
