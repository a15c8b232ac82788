import CSQLite
import SeaworthyStorage

extension StorageError {
    /// - Parameters:
    ///   - code: an extended result code. <https://sqlite.org/rescode.html>
    ///   - constraints: looks up what SQLite's message only hints at; nil where no table can be meant.
    init(sqlite code: Int32, message: String, constraints: ConstraintTable?) {
        // `sum` gives SQLITE_ERROR, so only the words tell (https://sqlite.org/lang_aggfunc.html#sumunc).
        let isOverflow = code == SQLITE_ERROR && message == "integer overflow"
        self.init(isOverflow ? .numericOverflow : Self.code(for: code), message: "\(message) (SQLite code \(code))")
        guard let violation = constraints?.violation(code: code, message: message) else { return }
        table = violation.table
        columns = violation.columns
    }

    private static func code(for code: Int32) -> Code {
        switch code {
        case ExtendedCode.unique, ExtendedCode.primaryKey, ExtendedCode.rowID: return .uniqueViolation
        case ExtendedCode.foreignKey: return .foreignKeyViolation
        case ExtendedCode.notNull: return .notNullViolation
        case ExtendedCode.check: return .checkViolation
        case ExtendedCode.dataType: return .typeMismatch
        case ExtendedCode.outOfMemory: return .failed
        default: break
        }
        // The low byte is the primary code that the extended one refines.
        return switch code & 0xFF {
        case SQLITE_MISMATCH: .typeMismatch
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: .busy
        case SQLITE_READONLY, SQLITE_PERM: .readOnly
        case SQLITE_FULL: .diskFull
        case SQLITE_NOTADB: .notADatabase
        case SQLITE_CORRUPT: .corrupt
        case SQLITE_CANTOPEN: .cannotOpen
        case SQLITE_IOERR: .inputOutput
        case SQLITE_INTERRUPT: .statementTimeout
        default: .failed
        }
    }

    /// Whether a batch can go on after it: the row's values were at fault, not the database.
    func refusesOnlyItsRow(code: Int32) -> Bool {
        [SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_TOOBIG].contains(code & 0xFF)
    }
}
