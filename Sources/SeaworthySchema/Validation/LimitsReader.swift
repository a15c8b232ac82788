/// Reads how often clients may ask: `limits:` of the document, and of an entity.
struct LimitsReader {
    let log: ProblemLog

    /// - Parameter roles: those that the schema names.
    func limits(_ document: DeclaredSection, roles: Set<String>) -> Schema.Limits {
        var limits = Schema.Limits()
        guard let section = document["limits"].map({ DeclaredSection(.limits, $0, log: log) }) else { return limits }
        let given = rates(of: section)
        limits.rates.standard = given.standard ?? limits.rates.standard
        limits.rates.importing = given.importing ?? limits.rates.importing
        limits.rates.exporting = given.exporting
        limits.auth = section["auth"].flatMap(bound) ?? limits.auth
        limits.keys = section["keys"].map(rates) ?? .none
        limits.roles = (section["roles"]?.members ?? []).compactMap { name, value in
            guard roles.contains(name) else {
                let known = roles.sorted()
                log.report(
                    .unknownRole, at: value.keyPlace, path: value.path,
                    name == RoleAccess.anyone
                        ? "Everybody has the role «anyone»." : "No entity has a role «\(name.lineExcerpt)» in `access`.",
                    fix: name == RoleAccess.anyone
                        ? "write `default:` for everybody."
                        : known.nearest(to: name).map { "did you mean «\($0)»?" } ?? "use one of \(known.joined(separator: ", ")).")
                return nil
            }
            return Schema.Limits.Role(name, rates(value))
        }
        limits.exempt = (section["exempt"]?.elements ?? []).compactMap { value in
            guard let range = value.text.flatMap({ AddressRange($0) }) else {
                log.report(
                    .wrongType, at: value.place, path: value.path,
                    "Expected an IP address or a range of them, found «\((value.text ?? "").lineExcerpt)».",
                    fix: "write for instance `10.0.0.0/8` or `\"::1\"`.")
                return nil
            }
            return range
        }
        return limits
    }

    /// A rate alone is that of all that is no import and no export.
    func rates(_ value: DeclaredValue) -> Schema.Limits.Rates {
        if value.node.members != nil { return rates(of: DeclaredSection(.rates, value, log: log)) }
        return Schema.Limits.Rates(standard: bound(value))
    }

    private func rates(of section: DeclaredSection) -> Schema.Limits.Rates {
        Schema.Limits.Rates(
            standard: section["default"].flatMap(bound), importing: section["import"].flatMap(bound),
            exporting: section["export"].flatMap(bound))
    }

    private func bound(_ value: DeclaredValue) -> Schema.Limits.Bound? { value.text.flatMap(Schema.Limits.Bound.init) }
}

extension Schema.Limits.Bound {
    private static let unlimitedText = "none"

    /// Nil for what is neither a rate nor `none`.
    init?(_ text: String) {
        if text == Self.unlimitedText {
            self = .unlimited
        } else {
            guard let rate = RequestRate(text) else { return nil }
            self = .rate(rate)
        }
    }

    var text: String {
        switch self {
        case .rate(let rate): rate.text
        case .unlimited: Self.unlimitedText
        }
    }
}
