import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// The right to carry out the request of a key, for as long as nobody has taken it over.
package struct IdempotencyClaim: Sendable {
    let id: String
    let token: String
    let statement: SQLText

    /// Keeps the answer in the transaction of the write: both are there, or neither.
    ///
    /// - Parameter answer: makes the answer of what was written; asked within the transaction.
    package func ending<Made: Sendable>(_ answer: @escaping @Sendable (Made) throws -> StoredAnswer) -> WriteEnding<Made> {
        WriteEnding { made, transaction in
            let answer = try answer(made)
            guard answer.body.count <= IdempotencyKeys.maximumAnswerBytes else { throw IdempotencyError.answerTooLarge }
            let kept = try await transaction.execute(
                Statement(
                    statement,
                    [.integer(Int64(answer.status)), .text(answer.headersText), .bytes(answer.body), .text(id), .text(token)]))
            // Somebody took it over: what they write is the answer, and this never was.
            guard kept == 1 else { throw IdempotencyError.takenOver }
        }
    }
}
