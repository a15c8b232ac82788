/// The address of a machine: IPv4 (RFC 791) or IPv6 (RFC 4291). An IPv4 address that an IPv6 socket shows (`::ffff:192.0.2.1`) is the IPv4
/// address.
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16, in network order.
    package let bytes: [UInt8]

    package var isIPv4: Bool { bytes.count == 4 }

    /// Nil for what is no address. A zone (`fe80::1%eth0`) is left out: it names an interface of one machine.
    package init?(_ text: some StringProtocol) {
        let text = text.prefix { $0 != "%" }
        guard text.utf8.contains(UInt8(ascii: ":")) else {
            guard let bytes = Self.dotted(text) else { return nil }
            self.bytes = bytes
            return
        }
        guard let bytes = Self.groups(text) else { return nil }
        let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        self.bytes = isMapped ? Array(bytes.suffix(4)) : bytes
    }

    /// Four decimal numbers without leading zeros, which some read as octal.
    private static func dotted(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard let byte = UInt8(part), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), part.utf8.count == String(byte).utf8.count
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func groups(_ text: some StringProtocol) -> [UInt8]? {
        guard text.utf8.count <= 45 else { return nil }
        let halves = text.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = half(halves[0], isLast: halves.count == 1) else { return nil }
        guard halves.count == 2 else { return first.count == 16 ? first : nil }
        // `::` stands for one group at least.
        guard let last = half(halves[1], isLast: true), first.count + last.count <= 14 else { return nil }
        return first + Array(repeating: 0, count: 16 - first.count - last.count) + last
    }

    private static func half(_ text: some StringProtocol, isLast: Bool) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if isLast, index == parts.count - 1, part.utf8.contains(UInt8(ascii: ".")) {
                guard let dotted = dotted(part) else { return nil }
                bytes += dotted
                continue
            }
            guard (1...4).contains(part.utf8.count), part.utf8.first != UInt8(ascii: "+"), let group = UInt16(part, radix: 16) else {
                return nil
            }
            bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
        }
        return bytes
    }

    /// In the one form of RFC 5952: without leading zeros, in lower case, the first of the longest runs of zeros as `::`.
    package var description: String {
        guard !isIPv4 else { return bytes.map { String($0) }.joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        var longest = 0..<0
        var start = 0
        for index in 0...8 where index == 8 || groups[index] != 0 {
            if index - start > max(longest.count, 1) { longest = start..<index }
            start = index + 1
        }
        let texts = groups.map { String($0, radix: 16) }
        guard !longest.isEmpty else { return texts.joined(separator: ":") }
        return texts[..<longest.lowerBound].joined(separator: ":") + "::" + texts[longest.upperBound...].joined(separator: ":")
    }

    /// This machine's own: 127.0.0.0/8 and ::1.
    package var isLoopback: Bool {
        isIPv4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
    }
}
