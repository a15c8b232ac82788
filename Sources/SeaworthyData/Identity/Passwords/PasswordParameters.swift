/// What it costs to hash a password with Argon2id (RFC 9106).
///
/// The standard is what OWASP's Password Storage Cheat Sheet names first
/// (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html): 19 MiB, two passes, one lane.
package struct PasswordParameters: Sendable, Hashable {
    /// Memory in KiB.
    package var memory: UInt32 = 19 * 1024
    /// Passes over the memory.
    package var passes: UInt32 = 2
    package var lanes: UInt32 = 1

    package init() {}

    package init(memory: UInt32, passes: UInt32, lanes: UInt32) {
        self.memory = memory
        self.passes = passes
        self.lanes = lanes
    }

    /// Those with which a hash was made; nil for a text that is none of Argon2id, version 1.3.
    init?(encoded: String) {
        // $argon2id$v=19$m=19456,t=2,p=1$salt$hash
        let parts = encoded.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id", parts[2] == "v=19" else { return nil }
        let numbers = parts[3].split(separator: ",", omittingEmptySubsequences: false)
        guard numbers.count == 3, numbers[0].hasPrefix("m="), numbers[1].hasPrefix("t="), numbers[2].hasPrefix("p="),
            let memory = UInt32(numbers[0].dropFirst(2)), let passes = UInt32(numbers[1].dropFirst(2)),
            let lanes = UInt32(numbers[2].dropFirst(2))
        else { return nil }
        self.init(memory: memory, passes: passes, lanes: lanes)
    }
}
