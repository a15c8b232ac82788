/// What operators show to see their pages. Never shown: printed, dumped or reflected it says only that it is there.
package struct OperatorToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let bytes: [UInt8]

    /// Nil when there is nothing that could be shown, so that nobody shows it.
    package init?(_ text: String) {
        guard !text.isEmpty else { return nil }
        bytes = Array(text.utf8)
    }

    /// Takes as long wherever the first difference is; only the length of what is shown can be told from the time.
    func matches(_ shown: Substring) -> Bool {
        var difference = shown.utf8.count ^ bytes.count
        var index = 0
        for byte in shown.utf8 {
            difference |= Int(byte ^ bytes[index])
            index = index + 1 == bytes.count ? 0 : index + 1
        }
        return difference == 0
    }

    package var description: String { "OperatorToken(redacted)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
