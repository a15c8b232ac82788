import SeaworthySchema

/// What stands in the database for a key.
struct IdempotencyRow: Sendable, Equatable {
    var fingerprint: String
    var token: String
    /// In microseconds since the epoch, like ``expiresAt``.
    var claimedUntil: Int64
    var expiresAt: Int64
    /// Nil while the request is under way.
    var answer: StoredAnswer?

    /// What is done with a request that finds this row.
    enum Decision: Sendable, Equatable {
        /// Nobody holds the key any more: it can be had from who had it last.
        case takeOver(token: String)
        case answer(StoredAnswer)
        case refuse(IdempotencyError)
    }

    /// - Parameter now: in microseconds since the epoch.
    func decision(for fingerprint: RequestFingerprint, now: Int64) -> Decision {
        guard now < expiresAt else { return .takeOver(token: token) }
        // Also of a claim that has run out: it stays the claim of one request, which only its own retry takes up.
        guard fingerprint.text == self.fingerprint else { return .refuse(.reused) }
        if let answer { return .answer(answer) }
        return now < claimedUntil ? .refuse(.inUse) : .takeOver(token: token)
    }
}

extension IdempotencyRow {
    /// A row of ``SystemSchema/idempotencyKeys``; nil for one that was never written by us.
    init?(_ row: [Value]) {
        guard row.count == SystemSchema.idempotencyKeys.fields.count, let fingerprint = row[2].text, let token = row[3].text,
            let claimedUntil = row[4].integer, let expiresAt = row[5].integer
        else { return nil }
        self.init(fingerprint: fingerprint, token: token, claimedUntil: claimedUntil, expiresAt: expiresAt)
        guard let status = row[6].integer else { return }
        guard let headers = row[7].text.flatMap(StoredAnswer.headers), case .bytes(let body) = row[8] else { return nil }
        answer = StoredAnswer(status: Int(status), headers: headers, body: body)
    }
}
