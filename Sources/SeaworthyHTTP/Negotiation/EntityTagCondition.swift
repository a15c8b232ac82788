/// The entity tags that a client has: the value of `If-Match` or `If-None-Match` (RFC 9110, 8.8.3 and 13.1).
///
/// A body that we compress is another representation, and has the tag of the plain one with ``compressedSuffix`` within its quotes. Of the
/// state of a resource both say the same, so that either matches.
package enum EntityTagCondition: Sendable, Equatable {
    /// `*`: whatever there is.
    case any
    case tags([Tag])

    package struct Tag: Sendable, Equatable {
        /// What stands between the quotes.
        package let opaque: String
        package let isWeak: Bool

        /// As a field has it: `"…"` or `W/"…"`.
        package var fieldValue: String { "\(isWeak ? "W/" : "")\"\(opaque)\"" }
    }

    /// Ends the tag of a body that was compressed by us.
    package static let compressedSuffix = "-gzip"

    /// Nil when the value is not well formed, or empty.
    package init?(_ value: String) {
        var scanner = FieldScanner(value)
        scanner.skipSpace()
        if scanner.take("*") {
            scanner.skipSpace()
            guard scanner.isAtEnd else { return nil }
            self = .any
            return
        }
        var tags: [Tag] = []
        while !scanner.isAtEnd {
            // Empty elements are read over (RFC 9110, 5.6.1.2).
            if !scanner.take(",") {
                var isWeak = false
                if scanner.take("W") {
                    guard scanner.take("/") else { return nil }
                    isWeak = true
                }
                guard let opaque = scanner.opaqueTag() else { return nil }
                tags.append(Tag(opaque: opaque, isWeak: isWeak))
                scanner.skipSpace()
                guard scanner.take(",") || scanner.isAtEnd else { return nil }
            }
            scanner.skipSpace()
        }
        guard !tags.isEmpty else { return nil }
        self = .tags(tags)
    }

    /// Is `opaque`, a strong tag without its quotes, among them by strong comparison? For `If-Match`: a weak tag never is.
    package func matches(strong opaque: String) -> Bool {
        switch self {
        case .any: true
        case .tags(let tags): tags.contains { !$0.isWeak && Self.isSame($0.opaque, opaque) }
        }
    }

    /// Is `opaque`, a tag without its quotes, among them by weak comparison? For `If-None-Match`.
    package func matches(weak opaque: String) -> Bool {
        matching(weak: opaque) != nil
    }

    /// The value of the `ETag` that the client has of `opaque`, with its suffix where it has the compressed body; nil when it has none.
    func matching(weak opaque: String) -> String? {
        switch self {
        case .any: "\"\(opaque)\""
        case .tags(let tags): tags.first { Self.isSame($0.opaque, opaque) }?.fieldValue
        }
    }

    private static func isSame(_ sent: String, _ opaque: String) -> Bool {
        sent == opaque || (sent.utf8.count == opaque.utf8.count + compressedSuffix.utf8.count && sent == opaque + compressedSuffix)
    }
}
