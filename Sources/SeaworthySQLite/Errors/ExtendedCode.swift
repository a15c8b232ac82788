import CSQLite

/// The extended result codes that Swift cannot import, because SQLite's header computes them. <https://sqlite.org/rescode.html>
enum ExtendedCode {
    static let check = SQLITE_CONSTRAINT | 1 << 8
    static let foreignKey = SQLITE_CONSTRAINT | 3 << 8
    static let notNull = SQLITE_CONSTRAINT | 5 << 8
    static let primaryKey = SQLITE_CONSTRAINT | 6 << 8
    static let unique = SQLITE_CONSTRAINT | 8 << 8
    static let rowID = SQLITE_CONSTRAINT | 10 << 8
    static let dataType = SQLITE_CONSTRAINT | 12 << 8
    static let outOfMemory = SQLITE_IOERR | 12 << 8
}
