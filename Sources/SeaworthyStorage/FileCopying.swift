/// A transaction of a database that is a file.
package protocol FileCopying: DatabaseTransaction {
    /// Writes the database as this transaction sees it into a new file, which then is a database of its own. Nobody waits for it.
    func copy(to path: String) async throws
}
