/// Which keys are keys at all, and which are good enough for staging and production.
enum SecretKeyPolicy {
    /// What is wrong with a key; says which one by its place, never what it is.
    struct Fault: Error, Equatable {
        let code: SettingsProblem.Code
        let detail: String
    }

    struct Faults: Error {
        let list: [Fault]
    }

    /// Words that stand in examples; a key that contains one, whatever its case and separators, is a placeholder.
    static let placeholders = [
        "changeme", "changethis", "replaceme", "replacethis", "placeholder", "yoursecret", "yourkey", "secretkey", "example", "password",
        "insecure", "notsecret", "notasecret", "defaultkey", "defaultsecret", "supersecret", "topsecret", "devsecret",
    ]
    /// A random key of 32 bytes has fewer different ones about never: 32 hexadecimal digits have 14 of 16.
    static let minimumDistinctBytes = 8

    /// Splits at commas; spaces around a key are not part of it.
    static func parse(_ text: String) -> Result<SecretKeys, Faults> {
        let keys = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { Array(trimmed($0)) }
        var faults: [Fault] = []
        for (index, key) in keys.enumerated() {
            if key.isEmpty {
                faults.append(Fault(code: .invalidValue, detail: "key \(index + 1) is empty"))
            } else if key.count < SecretKeys.minimumBytes {
                faults.append(
                    Fault(code: .weakSecret, detail: "key \(index + 1) has \(key.count) bytes, and \(SecretKeys.minimumBytes) are needed"))
            } else if let twin = keys[..<index].firstIndex(of: key) {
                faults.append(Fault(code: .invalidValue, detail: "key \(index + 1) is the same as key \(twin + 1)"))
            }
        }
        guard faults.isEmpty, let first = keys.first else { return .failure(Faults(list: faults)) }
        return .success(SecretKeys(first: first, older: Array(keys.dropFirst())))
    }

    /// What staging and production refuse.
    /// - Parameter development: keys of the development file, when there is one.
    static func weaknesses(of keys: SecretKeys, development: SecretKeys?) -> [Fault] {
        keys.all.enumerated().compactMap { index, key in
            if key.starts(with: DevelopmentKeys.prefix.utf8) || development?.all.contains(key) == true {
                return Fault(code: .developmentKey, detail: "key \(index + 1) was made for development")
            }
            return weakness(of: key).map { Fault(code: .weakSecret, detail: "key \(index + 1) \($0)") }
        }
    }

    /// Why a key is easily guessed, nil where it is not.
    static func weakness(of key: [UInt8]) -> String? {
        let letters = key.compactMap { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            case UInt8(ascii: "a")...UInt8(ascii: "z"): byte
            default: nil
            }
        }
        let text = String(decoding: letters, as: UTF8.self)
        if placeholders.contains(where: { text.contains($0) }) { return "is a placeholder" }
        if Set(key).count < minimumDistinctBytes { return "has fewer than \(minimumDistinctBytes) different bytes" }
        if isRepetition(key) { return "repeats a shorter text" }
        if isSequence(key) { return "runs through the alphabet or the digits" }
        return nil
    }

    /// Whether a part of at most half the length, again and again, makes the whole.
    private static func isRepetition(_ key: [UInt8]) -> Bool {
        guard key.count > 1 else { return false }
        return (1...(key.count / 2)).contains { period in
            key.indices.dropFirst(period).allSatisfy { key[$0] == key[$0 - period] }
        }
    }

    /// Whether three quarters of the bytes are one more, or one less, than the byte before.
    private static func isSequence(_ key: [UInt8]) -> Bool {
        let steps = zip(key.dropFirst(), key).map { Int($0) - Int($1) }
        return [1, -1].contains { step in
            steps.count { $0 == step } * 4 >= steps.count * 3
        }
    }

    private static func trimmed(_ key: Substring.UTF8View) -> Substring.UTF8View {
        let isSpace: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        var key = key.drop(while: isSpace)
        while let last = key.last, isSpace(last) { key.removeLast() }
        return key
    }
}
