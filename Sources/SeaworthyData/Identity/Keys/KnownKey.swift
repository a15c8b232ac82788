/// A key that somebody has or had, with its owner. Whether it is good is looked at each time.
final class KnownKey: Sendable {
    let record: KeyRecord
    let user: User
    /// Made once, since every request asks for it: the owner, bounded by the key's scopes.
    let caller: Caller

    init(_ record: KeyRecord, of user: User) {
        self.record = record
        self.user = user
        var caller = user.caller
        // A scope that cannot be read gives nothing.
        caller.scopes = Set(record.scopes.compactMap(AccessScope.init))
        self.caller = caller
    }
}
