package import HTTPTypes

extension HTTPExchange {
    /// Does the client want no record back from a write? `Prefer: return=minimal` (RFC 7240, 4.2).
    ///
    /// An answer that follows it says so with ``HTTPTypes/HTTPFields/setMinimalApplied()``. Asking for `return=representation` too is
    /// a contradiction and counts as neither. A preference that cannot be read is no error: a server may always disregard one.
    package var prefersMinimal: Bool {
        guard let field = header("prefer") else { return false }
        return PreferField(field).returnPreference == .minimal
    }
}

extension HTTPFields {
    /// Says that `return=minimal` was followed (RFC 7240, 3).
    package mutating func setMinimalApplied() {
        self[.preferenceApplied] = "return=minimal"
    }
}
