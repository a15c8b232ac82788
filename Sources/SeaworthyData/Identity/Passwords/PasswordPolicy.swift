/// Which passwords are taken: long ones that nobody tries first. No rules on the kinds of characters, which make passwords worse
/// (NIST SP 800-63B section 5.1.1.2; OWASP ASVS 5, 6.2).
package enum PasswordPolicy {
    /// The least number of characters.
    package static let minimumLength = 10

    /// The codes of ``problem(_:known:)``.
    package static let codes = ["too_short", "too_long", "invalid_text", "common_password", "guessable_password"]

    /// What is wrong with a password; nil for one that is taken.
    ///
    /// - Parameter known: what somebody who guesses would try, such as the address and the application's name.
    static func problem(_ password: String, known: [String]) -> (code: String, detail: String)? {
        let length = password.unicodeScalars.count
        if length < minimumLength {
            return ("too_short", "has \(length) characters; at least \(minimumLength) are needed. Several words are easy to remember")
        }
        if password.utf8.count > PasswordHasher.maximumBytes {
            return ("too_long", "has \(password.utf8.count) bytes; at most \(PasswordHasher.maximumBytes) are taken")
        }
        if password.utf8.contains(0) { return ("invalid_text", "contains U+0000") }
        if CommonPasswords.contains(password) { return ("common_password", "is one of those that are tried first") }
        let lower = password.lowercased()
        for word in known.flatMap(parts) where lower.contains(word) && word.count * 2 >= lower.count {
            return ("guessable_password", "is little more than the address or the application's name")
        }
        return nil
    }

    private static func parts(_ text: String) -> [String] {
        let lower = text.lowercased()
        return [lower] + lower.split { !$0.isLetter && !$0.isNumber }.map(String.init).filter { $0.count >= 4 }
    }
}
