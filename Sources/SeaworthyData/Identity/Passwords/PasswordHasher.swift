import CArgon2
import SeaworthyStorage

/// Hashes and verifies passwords on a few threads of their own, of low priority, so that a storm of sign-ins cannot starve other requests.
package final class PasswordHasher: Sendable {
    /// The longest password that is hashed, in bytes.
    package static let maximumBytes = 1024
    private static let saltBytes = 16
    private static let hashBytes = 32

    package let parameters: PasswordParameters
    private let slots: WorkSlots
    private let threads: WorkThreads
    /// What is verified against where there is nobody: the same time passes.
    private let decoy: String

    /// - Parameters:
    ///   - threads: hashes at the same time, each with its memory.
    ///   - maximumWaiting: requests that may wait for a thread; further ones are refused.
    package init(_ parameters: PasswordParameters = PasswordParameters(), threads: Int, maximumWaiting: Int = 64) {
        self.parameters = parameters
        slots = WorkSlots(count: threads, maximumWaiting: maximumWaiting)
        self.threads = WorkThreads(count: threads)
        decoy = Self.decoy(parameters)
    }

    /// A hash of these parameters that no password has, and that takes as long to verify as any: nothing is hashed to make it.
    static func decoy(_ parameters: PasswordParameters) -> String {
        // Zeros in base64, for 16 bytes of salt and 32 of hash.
        let (salt, hash) = (String(repeating: "A", count: 22), String(repeating: "A", count: 43))
        return "$argon2id$v=19$m=\(parameters.memory),t=\(parameters.passes),p=\(parameters.lanes)$\(salt)$\(hash)"
    }

    /// Whether the text is a hash that a password can be verified against, and the password is another.
    static func isMismatch(_ password: String, _ encoded: String) -> Bool {
        let bytes = Array(password.utf8)
        return argon2id_verify(encoded, bytes, bytes.count) == ARGON2_VERIFY_MISMATCH.rawValue
    }

    /// The hash of a password as a PHC string, salted.
    ///
    /// - Throws: ``IdentityError`` `busy` when too many wait already, `CancellationError`.
    package func hash(_ password: String) async throws -> String {
        let (bytes, parameters) = (Array(password.utf8), parameters)
        return try await run { try Self.hash(bytes, parameters) }
    }

    /// Whether the password is that of the hash. Without a hash it takes as long, and the answer is no.
    ///
    /// - Throws: as ``hash(_:)``.
    package func verify(_ password: String, _ hash: String?) async throws -> Bool {
        guard password.utf8.count <= Self.maximumBytes else { return false }
        let (bytes, encoded) = (Array(password.utf8), hash ?? decoy)
        let isRight = try await run { argon2id_verify(encoded, bytes, bytes.count) == ARGON2_OK.rawValue }
        return isRight && hash != nil
    }

    /// Whether a hash was made with other parameters than those of today.
    package func isOutdated(_ hash: String) -> Bool { PasswordParameters(encoded: hash) != parameters }

    private func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await slots.run {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Result, any Error>) in
                do {
                    try threads.run { continuation.resume(with: Swift.Result { try body() }) }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    private static func hash(_ password: [UInt8], _ parameters: PasswordParameters) throws -> String {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<saltBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let length = argon2_encodedlen(
            parameters.passes, parameters.memory, parameters.lanes, UInt32(saltBytes), UInt32(hashBytes), Argon2_id)
        var encoded = [CChar](repeating: 0, count: length)
        let code = argon2id_hash_encoded(
            parameters.passes, parameters.memory, parameters.lanes, password, password.count, salt, salt.count, hashBytes, &encoded, length)
        guard code == ARGON2_OK.rawValue else {
            throw IdentityError(.busy, "A password cannot be hashed now.", reason: String(cString: argon2_error_message(code)))
        }
        return String(decoding: encoded.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
