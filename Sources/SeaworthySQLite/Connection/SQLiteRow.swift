import CSQLite
import SeaworthySchema
import SeaworthyStorage

/// The row a statement stands on. Two words, so that `any Row` holds it without an allocation.
struct SQLiteRow: Row {
    let statement: OpaquePointer
    let columnCount: Int

    private func index(_ column: Int) -> Int32 {
        // SQLite answers NULL for a column that is not there; a number that does not fit must not become one that is.
        Int32(clamping: column)
    }

    func isNull(_ column: Int) -> Bool {
        sqlite3_column_type(statement, index(column)) == SQLITE_NULL
    }

    func integer(_ column: Int) -> Int64 {
        sqlite3_column_int64(statement, index(column))
    }

    func double(_ column: Int) -> Double {
        sqlite3_column_double(statement, index(column))
    }

    func utf8(_ column: Int) -> UnsafeBufferPointer<UInt8> {
        // The text first: asking for its size before could give that of another form.
        let text = sqlite3_column_text(statement, index(column))
        return UnsafeBufferPointer(start: text, count: text == nil ? 0 : Int(sqlite3_column_bytes(statement, index(column))))
    }

    func bytes(_ column: Int) -> UnsafeRawBufferPointer {
        let bytes = sqlite3_column_blob(statement, index(column))
        return UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : Int(sqlite3_column_bytes(statement, index(column))))
    }

    func value(_ column: Int) -> Value {
        switch sqlite3_column_type(statement, index(column)) {
        case SQLITE_INTEGER: .integer(integer(column))
        case SQLITE_FLOAT: .double(double(column))
        case SQLITE_TEXT: .text(text(column))
        case SQLITE_BLOB: .bytes(Array(bytes(column)))
        default: .null
        }
    }
}
