/// What looks like a secret wherever it stands: JSON Web Tokens, the server's API keys, credentials behind their scheme, a user and a password in
/// a URL, private keys in PEM.
enum SecretShape {
    /// In one pass: nearly every byte costs one comparison, and what begins like a secret and is none is looked at a bounded number of times.
    static func ranges(in bytes: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var index = 0
        /// Words are looked through once: where one holds no token, no rest of it does.
        var wordEnd = 0
        while index < bytes.count {
            let end: Int? =
                switch bytes[index] {
                case UInt8(ascii: "e") where index >= wordEnd: token(bytes, index, &wordEnd)
                case UInt8(ascii: "s"): key(bytes, index)
                case UInt8(ascii: "b"), UInt8(ascii: "B"): credentials(bytes, index)
                case UInt8(ascii: ":"): userInfo(bytes, index)
                case UInt8(ascii: "-"): privateKey(bytes, index)
                default: nil
                }
            guard let end else {
                index += 1
                continue
            }
            // Of a scheme and a URL what stands before the secret may be read.
            let start = secretStart(bytes, index)
            ranges.append(start..<end)
            index = end
        }
        return ranges
    }

    private static func secretStart(_ bytes: [UInt8], _ index: Int) -> Int {
        switch bytes[index] {
        case UInt8(ascii: ":"): index + 3
        case UInt8(ascii: "b"), UInt8(ascii: "B"): index + (bytes[index + 1] | 0x20 == UInt8(ascii: "e") ? 7 : 6)
        default: index
        }
    }

    /// `eyJ….….…`: what `{"` is in base64url.
    private static func token(_ bytes: [UInt8], _ start: Int, _ wordEnd: inout Int) -> Int? {
        guard begins(bytes, start, "eyJ") else { return nil }
        let header = word(bytes, start)
        wordEnd = header
        guard header - start >= 10, header < bytes.count, bytes[header] == UInt8(ascii: ".") else { return nil }
        let body = word(bytes, header + 1)
        guard body - header > 4 else { return nil }
        return body < bytes.count && bytes[body] == UInt8(ascii: ".") ? word(bytes, body + 1) : body
    }

    private static func key(_ bytes: [UInt8], _ start: Int) -> Int? {
        guard begins(bytes, start, "sw_"), start == 0 || !isWord(bytes[start - 1]) else { return nil }
        let end = word(bytes, start + 3)
        return end - start >= 16 ? end : nil
    }

    /// `Bearer …` and `Basic …` (RFC 6750, RFC 7617).
    private static func credentials(_ bytes: [UInt8], _ start: Int) -> Int? {
        let length = begins(bytes, start, "bearer ", ignoringCase: true) ? 7 : begins(bytes, start, "basic ", ignoringCase: true) ? 6 : 0
        guard length > 0 else { return nil }
        var end = start + length
        while end < bytes.count, bytes[end] > 0x20, bytes[end] != UInt8(ascii: "\""), bytes[end] != UInt8(ascii: ",") { end += 1 }
        return end - start - length >= 8 ? end : nil
    }

    /// `://user:password@`
    private static func userInfo(_ bytes: [UInt8], _ start: Int) -> Int? {
        guard begins(bytes, start, "://"), start + 3 < bytes.count else { return nil }
        var at: Int?
        var hasPassword = false
        // Nobody has longer ones.
        for index in (start + 3)..<min(start + 1024, bytes.count) {
            switch bytes[index] {
            case UInt8(ascii: "@"): at = index
            case UInt8(ascii: ":") where at == nil: hasPassword = true
            case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: " "), UInt8(ascii: "\""):
                return hasPassword ? at : nil
            default: continue
            }
        }
        return hasPassword ? at : nil
    }

    private static func privateKey(_ bytes: [UInt8], _ start: Int) -> Int? {
        guard begins(bytes, start, "-----BEGIN ") else { return nil }
        // What it is called is short: `ENCRYPTED PRIVATE KEY`.
        guard (start..<min(start + 48, bytes.count)).contains(where: { begins(bytes, $0, "PRIVATE KEY-----") }) else { return nil }
        var index = start + 11
        while index < bytes.count, !begins(bytes, index, "-----END ") { index += 1 }
        index += 9
        while index < bytes.count, !begins(bytes, index, "-----") { index += 1 }
        return min(index + 5, bytes.count)
    }

    private static func begins(_ bytes: [UInt8], _ start: Int, _ text: StaticString, ignoringCase: Bool = false) -> Bool {
        guard start + text.utf8CodeUnitCount <= bytes.count else { return false }
        return text.withUTF8Buffer { expected in
            expected.indices.allSatisfy { offset in
                let byte = bytes[start + offset]
                return byte == expected[offset] || (ignoringCase && byte | 0x20 == expected[offset])
            }
        }
    }

    /// The end of the characters of base64url.
    private static func word(_ bytes: [UInt8], _ start: Int) -> Int {
        var end = start
        while end < bytes.count, isWord(bytes[end]) { end += 1 }
        return end
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
