/// What keeps SQLite's write-ahead log from being begun anew before it was read. The driver has it.
package protocol LogHold: Sendable {
    /// Begins a read transaction at the newest commit, then ends the one before. Holds only when there are frames that nobody copied into
    /// the database yet.
    func renew() throws

    /// Ends the read transaction.
    func release()

    /// Copies into the database what may be copied, and waits for nobody.
    func backfill() throws

    /// Lets go of everything.
    func close()
}
