/// Keeps locks on records, for one server or for many: at any time a record has at most one. `LockStoreContract` says what each call owes.
///
/// A lock says who edits; it refuses no write.
package protocol LockStore: Sendable {
    /// Locks a record, or goes on with the lock that the owner has on it already, which is then made longer and never shorter.
    ///
    /// - Throws: ``LockError/Code/tooMany`` where the owner has as many as anybody may.
    func acquire(_ record: LockedRecord, for owner: LockOwner, ttl: Duration) async throws(LockError) -> LockOutcome

    /// Makes a lock longer, never shorter.
    ///
    /// - Parameter lock: one that was given by this store; its id, record and owner count.
    /// - Returns: nil where it has ended, or another lock is in its place.
    func renew(_ lock: RecordLock, ttl: Duration) async throws(LockError) -> RecordLock?

    /// Ends a lock.
    ///
    /// - Returns: false where it had ended, or another lock is in its place.
    @discardableResult
    func release(_ lock: RecordLock) async throws(LockError) -> Bool

    /// The lock with this id; nil for one that has ended, and for what is no id.
    func lock(id: String) async throws(LockError) -> RecordLock?

    /// The lock on a record; nil where there is none.
    func lock(on record: LockedRecord) async throws(LockError) -> RecordLock?

    /// The locks on records of an entity, at most so many, the one that ends first before the others.
    func locks(of entity: String, limit: Int) async throws(LockError) -> [RecordLock]
}

/// What became of an attempt to lock a record.
package enum LockOutcome: Sendable {
    case acquired(RecordLock)
    /// The owner had it already.
    case extended(RecordLock)
    /// Somebody else has it.
    case held(RecordLock)
}

package enum LockBounds {
    /// How many records one owner may have locked at a time. Enough for any screen, and too few to be in everybody's way.
    package static let maximumPerOwner = 200
}
