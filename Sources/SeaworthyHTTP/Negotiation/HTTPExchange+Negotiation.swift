package import HTTPTypes

extension HTTPExchange {
    /// The media type to answer in, of those that the route has: the one the client wants most by its `Accept`, the first of equals.
    ///
    /// Without `Accept`, or when nothing in it can be read, the client takes anything (RFC 9110, 12.5.1). An answer for which this was
    /// asked has ``HTTPTypes/HTTPFields/addVary(_:)`` `Accept`. Problems do not ask: they are `application/problem+json` for everyone.
    ///
    /// - Throws: 406 `not_acceptable`, which names what is offered.
    package func negotiated(_ offered: [MediaType]) throws(Problem) -> MediaType {
        guard let first = offered.first else { throw .notAcceptable(offered: []) }
        guard let field = header("accept") else { return first }
        let accepted = QualityList(field)
        guard !accepted.elements.isEmpty else { return first }
        var best: (type: MediaType, weight: Int)?
        for type in offered {
            let weight = type.weight(in: accepted)
            if weight > best?.weight ?? 0 {
                best = (type, weight)
            }
        }
        guard let best else { throw .notAcceptable(offered: offered) }
        return best.type
    }
}

extension HTTPFields {
    /// Adds a field's name to `Vary`, once (RFC 9110, 12.5.5).
    package mutating func addVary(_ name: String) {
        guard let present = self[.vary] else {
            self[.vary] = name
            return
        }
        let names = present.elements(separatedBy: ",")
        guard !names.contains(where: { $0 == "*" || $0.isEqualIgnoringASCIICase(to: name) }) else { return }
        self[.vary] = "\(present), \(name)"
    }
}
