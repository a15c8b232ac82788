/// The preferences of a request: the value of `Prefer` (RFC 7240, 2).
struct PreferField {
    enum ReturnPreference {
        case minimal
        case representation
    }

    private var returns: Set<ReturnPreference> = []

    /// What a write shall answer with; nil when nothing is preferred, or both.
    var returnPreference: ReturnPreference? {
        returns.count == 1 ? returns.first : nil
    }

    /// Reads `name=value;parameters, …`. An element that is not well formed counts as not sent.
    init(_ value: String) {
        var scanner = FieldScanner(value)
        while !scanner.isAtEnd {
            let preference = Self.preference(&scanner)
            guard scanner.skipElement(), let preference, preference.name.isEqualIgnoringASCIICase(to: "return") else { continue }
            if preference.value.isEqualIgnoringASCIICase(to: "minimal") {
                returns.insert(.minimal)
            } else if preference.value.isEqualIgnoringASCIICase(to: "representation") {
                returns.insert(.representation)
            }
        }
    }

    private static func preference(_ scanner: inout FieldScanner) -> (name: String, value: String)? {
        scanner.skipSpace()
        guard let pair = pair(&scanner) else { return nil }
        while true {
            scanner.skipSpace()
            guard scanner.take(";") else { return pair }
            scanner.skipSpace()
            _ = self.pair(&scanner)
        }
    }

    /// `name`, `name=token` or `name="text"`, with spaces around the sign.
    private static func pair(_ scanner: inout FieldScanner) -> (name: String, value: String)? {
        guard let name = scanner.token() else { return nil }
        scanner.skipSpace()
        guard scanner.take("=") else { return (name, "") }
        scanner.skipSpace()
        return (name, scanner.token() ?? scanner.quotedString() ?? "")
    }
}
