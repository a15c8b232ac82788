import Crypto
import SeaworthySchema

/// A request that is to be carried out once, however often it is sent.
package struct IdempotentRequest: Sendable {
    /// Stands for the key of this sender: nobody else's is the same.
    let id: String
    /// The user whom the answer is of; nil for nobody who is known.
    let userID: String?
    let fingerprint: RequestFingerprint

    /// - Parameters:
    ///   - subject: who sends it. A user's sessions share their keys; an API key has its own, and so has a network of those who are not known.
    ///   - key: what the client chose to name it by.
    package init(from subject: RateLimits.Subject, key: String, _ fingerprint: RequestFingerprint) {
        // A subject's name has no line break, so that no two pairs give one text.
        id = Base64URL.text(of: Array(SHA256.hash(data: Array("\(subject.name)\n\(key)".utf8))))
        userID = subject.caller?.user?.id
        self.fingerprint = fingerprint
    }
}
