/// `tracestate`, what several tracing systems say of a trace: it is none of ours, and handed on as it came.
/// <https://www.w3.org/TR/trace-context/#tracestate-header>
enum TraceState {
    static let name = "tracestate"
    static let maximumMembers = 32
    /// What has to be handed on at least; more is passed over as a whole.
    static let maximumBytes = 512

    /// The list without empty members and spaces around them; empty for one that is not well formed, or too long.
    static func parse(_ text: String) -> String {
        guard text.utf8.count <= 4 * maximumBytes else { return "" }
        var keys: Set<Substring> = []
        var members: [Substring] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let member = trimmed(part)
            if member.isEmpty { continue }
            guard let equals = member.utf8.firstIndex(of: UInt8(ascii: "=")) else { return "" }
            let (key, value) = (member[..<equals], member[member.utf8.index(after: equals)...])
            guard isKey(key), isValue(value), keys.insert(key).inserted else { return "" }
            members.append(member)
        }
        guard members.count <= maximumMembers else { return "" }
        let joined = members.joined(separator: ",")
        return joined.utf8.count <= maximumBytes ? joined : ""
    }

    private static func trimmed(_ text: Substring) -> Substring {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var rest = text
        while let first = rest.utf8.first, isBlank(first) { rest = rest[rest.utf8.index(after: rest.startIndex)...] }
        while let last = rest.utf8.last, isBlank(last) { rest = rest[..<rest.utf8.index(before: rest.endIndex)] }
        return rest
    }

    /// `name`, or `tenant@system`.
    private static func isKey(_ key: Substring) -> Bool {
        let parts = key.split(separator: "@", omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return isName(parts[0], atMost: 256, mayBeginWithDigit: false)
        case 2: return isName(parts[0], atMost: 241, mayBeginWithDigit: true) && isName(parts[1], atMost: 14, mayBeginWithDigit: false)
        default: return false
        }
    }

    private static func isName(_ name: Substring, atMost limit: Int, mayBeginWithDigit: Bool) -> Bool {
        guard (1...limit).contains(name.utf8.count), let first = name.utf8.first else { return false }
        guard isLetter(first) || (mayBeginWithDigit && isDigit(first)) else { return false }
        return name.utf8.allSatisfy { isLetter($0) || isDigit($0) || "_-*/".utf8.contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isValue(_ value: Substring) -> Bool {
        (1...256).contains(value.utf8.count)
            && value.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "=") }
    }
}
