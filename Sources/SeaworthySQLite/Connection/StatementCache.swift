import CSQLite
import SeaworthySQL
import SeaworthyStorage

/// A statement that was prepared on one connection.
final class CachedStatement {
    /// Kept alive, so that no other text gets its identity.
    let sql: SQLText
    let handle: OpaquePointer
    let parameterCount: Int
    let isReadOnly: Bool
    fileprivate var lastUse: UInt64 = 0

    fileprivate init(sql: SQLText, handle: OpaquePointer) {
        self.sql = sql
        self.handle = handle
        parameterCount = Int(sqlite3_bind_parameter_count(handle))
        isReadOnly = sqlite3_stmt_readonly(handle) != 0
    }

    deinit {
        sqlite3_finalize(handle)
    }
}

/// The statements a connection has prepared, found by the identity of their text. The least recently used makes room.
final class StatementCache {
    private let connection: OpaquePointer
    private let limit: Int
    private var statements: [ObjectIdentifier: CachedStatement] = [:]
    private var textBytes = 0

    /// The most bytes of SQL that the kept statements have together; a prepared statement takes some ten times its text. Several times what
    /// an application's own requests come to, so that only made-up ones reach it.
    static let maximumTextBytes = 256 * 1024
    private var uses: UInt64 = 0

    init(handle: OpaquePointer, limit: Int) {
        connection = handle
        self.limit = max(limit, 1)
    }

    var count: Int { statements.count }

    func contains(_ sql: SQLText) -> Bool {
        statements[ObjectIdentifier(sql)] != nil
    }

    /// - Parameter failure: makes an error of SQLite's code.
    func statement(for sql: SQLText, failure: (Int32) throws -> Never) throws -> CachedStatement {
        uses += 1
        if let statement = statements[ObjectIdentifier(sql)] {
            statement.lastUse = uses
            return statement
        }
        let statement = try prepare(sql, failure: failure)
        let bytes = sql.text.utf8.count
        while !statements.isEmpty, statements.count >= limit || textBytes + bytes > Self.maximumTextBytes { removeLeastRecentlyUsed() }
        textBytes += bytes
        statement.lastUse = uses
        statements[ObjectIdentifier(sql)] = statement
        return statement
    }

    func removeAll() {
        statements.removeAll()
        textBytes = 0
    }

    // A look at every statement costs less than the preparation that comes with it, and using one costs no list to mend.
    private func removeLeastRecentlyUsed() {
        if let oldest = statements.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            statements[oldest.key] = nil
            textBytes -= oldest.value.sql.text.utf8.count
        }
    }

    private func prepare(_ sql: SQLText, failure: (Int32) throws -> Never) throws -> CachedStatement {
        var text = sql.text
        return try text.withUTF8 { bytes in
            try bytes.withMemoryRebound(to: CChar.self) { characters in
                var handle: OpaquePointer?
                var tail: UnsafePointer<CChar>?
                let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
                let code = sqlite3_prepare_v3(connection, characters.baseAddress, Int32(clamping: characters.count), flags, &handle, &tail)
                guard code == SQLITE_OK else { try failure(code) }
                guard let handle else { throw StorageError(.failed, message: "the text holds no statement") }
                let statement = CachedStatement(sql: sql, handle: handle)
                guard let tail, let start = characters.baseAddress else { return statement }
                let end = start + characters.count
                // What follows must not be passed over in silence: it may be a second statement.
                guard UnsafeBufferPointer(start: tail, count: end - tail).allSatisfy({ [0x20, 0x0A, 0x0D, 0x09, 0x3B].contains($0) }) else {
                    throw StorageError(.failed, message: "the text holds more than one statement: \(sql.text)")
                }
                return statement
            }
        }
    }
}
