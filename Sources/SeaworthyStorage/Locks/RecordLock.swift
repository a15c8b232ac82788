/// A lock on a record, as it is or was.
package struct RecordLock: Sendable {
    /// By which it is renewed and released. Not to be guessed.
    package var id: String
    package var record: LockedRecord
    package var owner: LockOwner
    /// In microseconds since the epoch, by the clock of whoever keeps the locks.
    package var acquiredAt: Int64
    /// When it ends unless it is renewed, on the same clock.
    package var expiresAt: Int64
    /// Greater than that of every lock that the record had before: whoever writes elsewhere with it lets what comes behind a greater one be refused.
    package var fence: Int64

    package init(id: String, record: LockedRecord, owner: LockOwner, acquiredAt: Int64, expiresAt: Int64, fence: Int64) {
        self.id = id
        self.record = record
        self.owner = owner
        self.acquiredAt = acquiredAt
        self.expiresAt = expiresAt
        self.fence = fence
    }
}
