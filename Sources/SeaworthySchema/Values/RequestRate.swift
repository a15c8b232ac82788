/// How often something may be done: so many times in a window of time. Written `300/m`, `10/15m`, `1/s`.
package struct RequestRate: Sendable, Hashable {
    /// The most that can be asked for.
    package static let largestCount = 1_000_000
    package static let windows: ClosedRange<Duration> = .seconds(1) ... .seconds(86_400)

    package let count: Int
    package let window: Duration

    /// - Parameters:
    ///   - count: from 1 to ``largestCount``.
    ///   - window: whole seconds within ``windows``.
    package init(_ count: Int, in window: Duration) {
        self.count = count
        self.window = window
    }

    /// Nil for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = WholeNumber.parse(parts[0]), (1...Self.largestCount).contains(count) else { return nil }
        let unit = parts[1].utf8.first.map { (0x30...0x39).contains($0) } ?? true ? String(parts[1]) : "1\(parts[1])"
        guard !unit.hasSuffix("ms"), let window = DurationText.parse(unit), Self.windows.contains(window) else { return nil }
        self.init(count, in: window)
    }

    package var text: String {
        let window = DurationText.render(window)
        return "\(count)/\(window.hasPrefix("1") && window.utf8.count == 2 ? String(window.dropFirst()) : window)"
    }

    package var windowSeconds: Int { Int(window.components.seconds) }
}
