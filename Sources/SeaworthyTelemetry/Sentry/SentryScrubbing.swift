import Logging

/// What never leaves for Sentry: what the log hides, and besides addresses of people and of machines.
struct SentryScrubbing: Sendable {
    static let emailReplacement = "[email]"
    static let addressReplacement = "[address]"

    private let redaction: LogRedaction

    init(_ redaction: LogRedaction) {
        self.redaction = redaction
    }

    /// A text without them, cut to `limit` bytes.
    func text(_ text: String, limit: Int) -> String {
        Self.withoutAddresses(redaction.masked(text[...], limit: limit))
    }

    /// The values of a line's metadata as texts, by key in the order of their bytes.
    func texts(_ metadata: Logger.Metadata, maximum: Int, limit: Int) -> [(String, String)] {
        metadata.sorted { $0.key < $1.key }.prefix(maximum).map { key, value in
            (text(key, limit: limit), LogRedaction.hides(key) ? LogRedaction.replacement : text(shown(value), limit: limit))
        }
    }

    /// What stands deeper goes by the log's rules too, so its keys are looked at as they are there.
    private func shown(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): return text
        case .stringConvertible(let value): return value.description
        case .array(let values): return "[\(values.map(shown).joined(separator: ", "))]"
        case .dictionary(let members):
            let texts = members.sorted { $0.key < $1.key }.map { key, value in
                "\(key)=\(LogRedaction.hides(key) ? LogRedaction.replacement : shown(value))"
            }
            return "{\(texts.joined(separator: ", "))}"
        }
    }

    /// By words: runs of the characters that addresses are made of.
    static func withoutAddresses(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard isOfAddress(bytes[index]) else {
                result.append(bytes[index])
                index += 1
                continue
            }
            let start = index
            while index < bytes.count, isOfAddress(bytes[index]) { index += 1 }
            // A full stop or a colon behind it ends the sentence.
            var end = index
            while end > start, bytes[end - 1] == UInt8(ascii: ".") || bytes[end - 1] == UInt8(ascii: ":") { end -= 1 }
            let word = bytes[start..<end]
            if isEmail(word) {
                result += Array(emailReplacement.utf8)
            } else {
                result += withoutHosts(word)
            }
            result += bytes[end..<index]
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func isOfAddress(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        // Beyond ASCII there are addresses of people too.
        case 0x80...: true
        default: ".-_+%@:".utf8.contains(byte)
        }
    }

    private static func isEmail(_ word: ArraySlice<UInt8>) -> Bool {
        guard let at = word.lastIndex(of: UInt8(ascii: "@")) else { return false }
        return at > word.startIndex && at < word.index(before: word.endIndex)
    }

    /// A word may have more than an address: quotation marks and dashes that are not of ASCII, a zone behind `%`, a name or a port beside a colon.
    private static func withoutHosts(_ word: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = word
        while let first = rest.first {
            let isText = { (byte: UInt8) in byte < 0x80 && byte != UInt8(ascii: "%") }
            guard isText(first) else {
                result.append(first)
                rest = rest.dropFirst()
                continue
            }
            let run = rest.prefix(while: isText)
            rest = rest[run.endIndex...]
            if isIPv6(run) {
                result += Array(addressReplacement.utf8)
            } else {
                let pieces = run.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
                let shown = pieces.map { piece -> [UInt8] in
                    isIPv4(piece) ? Array(addressReplacement.utf8) : Array(piece)
                }
                result += Array(shown.joined(separator: [UInt8(ascii: ":")]))
            }
        }
        return result
    }

    private static func isIPv4(_ word: ArraySlice<UInt8>) -> Bool {
        let parts = word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { (1...3).contains($0.count) && $0.allSatisfy { (0x30...0x39).contains($0) } }
    }

    /// Hexadecimal digits with `::` or seven colons; a time of day has neither.
    private static func isIPv6(_ word: ArraySlice<UInt8>) -> Bool {
        let colon = UInt8(ascii: ":")
        var digits = 0
        var colons = 0
        var hasGap = false
        for index in word.indices {
            switch word[index] {
            case colon:
                colons += 1
                if index > word.startIndex, word[index - 1] == colon { hasGap = true }
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
                digits += 1
            case UInt8(ascii: "."): continue
            default: return false
            }
        }
        return digits > 0 && (hasGap || colons >= 6)
    }
}
