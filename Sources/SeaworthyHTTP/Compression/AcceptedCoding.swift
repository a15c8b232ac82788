/// Which content coding a client wants, of those there are: none, and gzip (RFC 9110, 12.5.3).
enum AcceptedCoding: Equatable {
    case identity
    case gzip
    /// It refuses a body that is not compressed: `identity;q=0`, or `*;q=0` without `identity`.
    case gzipOnly

    /// - Parameter field: The value of `Accept-Encoding`. A client that takes neither gets the body as it is.
    init(_ field: String) {
        var named: [String: Int] = [:]
        for element in QualityList(field).elements {
            let name = element.name == "x-gzip" ? "gzip" : element.name
            named[name] = max(named[name] ?? 0, element.weight)
        }
        let gzip = named["gzip"] ?? named["*"] ?? 0
        let identity = named["identity"] ?? (named["*"] == 0 ? 0 : nil)
        if gzip == 0 {
            self = .identity
        } else if identity == 0 {
            self = .gzipOnly
        } else {
            self = identity ?? 0 > gzip ? .identity : .gzip
        }
    }
}
