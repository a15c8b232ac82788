/// What a client would accept, with weights: the value of `Accept` or `Accept-Encoding` (RFC 9110, 12.4 and 12.5).
///
/// An element that is not well formed counts as not sent: what it would have said is not known, and the others still say something.
/// Two forms that old clients send are understood: `*` as a media range, and a weight without its zero (`q=.2`).
struct QualityList {
    struct Element: Equatable {
        /// Such as `text/csv`, `text/*` or `gzip`, in lower case.
        var name: String
        /// Names in lower case; without the weight and what follows it.
        var parameters: [Parameter] = []
        /// In thousandths: 0 is «not acceptable», 1000 the default.
        var weight = 1000
    }

    struct Parameter: Equatable {
        var name: String
        var value: String
    }

    private(set) var elements: [Element] = []

    init(_ value: String) {
        var scanner = FieldScanner(value)
        while !scanner.isAtEnd {
            let element = Self.element(&scanner)
            if scanner.skipElement(), let element {
                elements.append(element)
            }
        }
    }

    private static func element(_ scanner: inout FieldScanner) -> Element? {
        scanner.skipSpace()
        guard var name = scanner.token() else { return nil }
        if scanner.take("/") {
            guard let subtype = scanner.token() else { return nil }
            name += "/" + subtype
        }
        var element = Element(name: name.lowercased())
        var isPastWeight = false
        while true {
            scanner.skipSpace()
            guard scanner.take(";") else { return element }
            scanner.skipSpace()
            // An empty parameter is allowed (RFC 9110, 5.6.6).
            guard let parameter = scanner.token()?.lowercased() else { continue }
            guard scanner.take("="), let value = scanner.token() ?? scanner.quotedString() else { return nil }
            if isPastWeight { continue }
            if parameter == "q" {
                guard let weight = weight(value) else { return nil }
                element.weight = weight
                isPastWeight = true
            } else {
                element.parameters.append(Parameter(name: parameter, value: value))
            }
        }
    }

    /// `0`, `1`, or a fraction of up to three digits, in thousandths; nil for anything else.
    private static func weight(_ text: String) -> Int? {
        let pieces = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = pieces.count > 1 ? pieces[1] : ""
        guard ["0", "1", ""].contains(pieces[0]), pieces[0] != "" || fraction != "", fraction.utf8.count <= 3,
            fraction.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        let thousandths = (Int(fraction) ?? 0) * [1000, 100, 10, 1][fraction.utf8.count]
        guard pieces[0] == "1" else { return thousandths }
        return thousandths == 0 ? 1000 : nil
    }
}
