/// Why a request with an `Idempotency-Key` was not carried out, nor its answer given again.
package struct IdempotencyError: Error, Sendable, Equatable {
    /// Stable codes; never reused.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let rawValue: String
        package var description: String { rawValue }

        /// The key came with another request before.
        package static let reused = Code(rawValue: "idempotency_key_reused")
        /// The request that it came with first is under way, or was taken over by a later one.
        package static let inUse = Code(rawValue: "idempotency_key_in_use")
        /// The answer is larger than what is kept; nothing was written.
        package static let answerTooLarge = Code(rawValue: "idempotent_answer_too_large")

        package static let all: [Code] = [reused, inUse, answerTooLarge]
    }

    package var code: Code
    package var detail: String

    init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    static let reused = IdempotencyError(
        .reused, "The Idempotency-Key came with another request within the last day; a new request takes a new key.")
    static let inUse = IdempotencyError(.inUse, "A request with this Idempotency-Key is under way.")
    static let takenOver = IdempotencyError(
        .inUse, "The request took so long that a later one with its Idempotency-Key has taken its place; nothing of it was kept.")
    static let answerTooLarge = IdempotencyError(
        .answerTooLarge,
        "The answer has more than \(IdempotencyKeys.maximumAnswerBytes) bytes, too many to keep for the Idempotency-Key; nothing was written. Prefer return=minimal, send less at once, or send it without a key."
    )
}
