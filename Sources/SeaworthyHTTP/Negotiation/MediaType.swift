/// A media type in which something is answered, and its `Content-Type` (RFC 9110, 8.3).
package struct MediaType: Sendable, Hashable {
    /// Such as `text/csv`, in lower case.
    package let essence: String
    /// The value of `charset` that `Content-Type` names; nil where the type has none.
    package let charset: String?

    package init(_ essence: String, charset: String? = nil) {
        self.essence = essence
        self.charset = charset
    }

    package static let json = MediaType("application/json")
    package static let mergePatch = MediaType("application/merge-patch+json")
    package static let csv = MediaType("text/csv", charset: "utf-8")
    package static let ndjson = MediaType("application/x-ndjson")
    package static let problem = MediaType("application/problem+json")
    package static let health = MediaType("application/health+json")
    package static let html = MediaType("text/html", charset: "utf-8")
    package static let text = MediaType("text/plain", charset: "utf-8")
    package static let javaScript = MediaType("text/javascript", charset: "utf-8")
    package static let css = MediaType("text/css", charset: "utf-8")
    package static let svg = MediaType("image/svg+xml")
    package static let octets = MediaType("application/octet-stream")

    /// The value of `Content-Type`.
    package var fieldValue: String {
        charset.map { "\(essence); charset=\($0)" } ?? essence
    }

    /// The type of a `Content-Type` that we wrote; its parameters do not matter.
    init(fieldValue: String) {
        essence = fieldValue.prefix { $0 != ";" }.trimmingOptionalWhitespace().lowercased()
        charset = nil
    }

    /// Does it shrink when it is compressed? Text does; pictures, sound and archives are compressed already.
    var isCompressible: Bool {
        if essence.hasPrefix("text/") || essence.hasSuffix("+json") || essence.hasSuffix("+xml") { return true }
        return ["application/json", "application/x-ndjson", "application/javascript", "application/xml", "application/wasm"].contains(
            essence)
    }

    /// How much a client wants this type, in thousandths: what its most specific range says that takes it in (RFC 9110, 12.5.1).
    func weight(in accepted: QualityList) -> Int {
        var best = (rank: 0, weight: 0)
        for range in accepted.elements {
            let rank = rank(of: range)
            if rank > best.rank {
                best = (rank, range.weight)
            }
        }
        return best.weight
    }

    /// How specifically a range names this type; 0 when it does not.
    private func rank(of range: QualityList.Element) -> Int {
        // Everything that is text here is UTF-8, so that a client may say so of any type; what else it asks for is another type.
        guard range.parameters.allSatisfy({ $0.name == "charset" && $0.value.isEqualIgnoringASCIICase(to: "utf-8") }) else { return 0 }
        switch range.name {
        case essence: return 3 + range.parameters.count
        case "*/*", "*": return 1
        default: return range.name == "\(essence.prefix { $0 != "/" })/*" ? 2 : 0
        }
    }
}
