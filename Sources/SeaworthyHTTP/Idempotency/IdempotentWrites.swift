import HummingbirdCore
import SeaworthyData

/// Answers writes: one that has an `Idempotency-Key` is carried out once, and gets the same answer each time.
struct IdempotentWrites: Sendable {
    private let keys: IdempotencyKeys
    /// In microseconds since the epoch.
    private let now: @Sendable () -> Int64

    init(_ keys: IdempotencyKeys, now: @escaping @Sendable () -> Int64) {
        self.keys = keys
        self.now = now
    }

    /// Carries a write out, or gives the answer again that it had.
    ///
    /// Whether the caller may do this at all has to be known before: an answer is given again without asking.
    ///
    /// - Parameters:
    ///   - key: nil for a request that is carried out each time.
    ///   - fingerprint: asked only where there is a key.
    ///   - answer: makes the answer of what was written, in the write's transaction where there is a key.
    ///   - write: writes, and ends its transaction as it is told.
    func answer<Made: Sendable>(
        _ exchange: HTTPExchange, key: String?, fingerprint: () async throws -> RequestFingerprint,
        answer: @escaping @Sendable (Made) -> WriteAnswer, write: (WriteEnding<Made>?) async throws -> Made
    ) async throws -> Response {
        guard let key else { return answer(try await write(nil)).response }
        let request = IdempotentRequest(from: exchange.subject, key: key, try await fingerprint())
        switch try await keys.begin(request, now: now()) {
        case .answered(let stored): return WriteAnswer(replaying: stored).response
        case .claimed(let claim):
            do {
                return answer(try await write(claim.ending { answer($0).stored })).response
            } catch {
                await keys.release(claim)
                throw error
            }
        }
    }
}
