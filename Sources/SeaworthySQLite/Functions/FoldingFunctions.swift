import CSQLite
import SeaworthyStorage

/// The SQL functions that a filter's case folding needs; SQLite's own `upper` knows ASCII only.
///
/// | function | gives |
/// | --- | --- |
/// | `seaworthy_contains_folded(text, needle)` | 1 when the text's upper case holds the needle, else 0 |
/// | `seaworthy_starts_folded(text, needle)` · `seaworthy_ends_folded(text, needle)` | the like for its start and its end |
///
/// The caller gives the needle in upper case. NULL in gives NULL. They may not be used in indexes, constraints, views and triggers
/// (`SQLITE_DIRECTONLY`): a database must stay readable by programs that do not have them.
extension SQLiteConnection {
    func registerFoldingFunctions() throws {
        try register("seaworthy_contains_folded", arguments: 2) { context, _, values in
            SQLValue.compare(context, values) { $0.contains($1) }
        }
        try register("seaworthy_starts_folded", arguments: 2) { context, _, values in
            SQLValue.compare(context, values) { $0.starts(with: $1) }
        }
        try register("seaworthy_ends_folded", arguments: 2) { context, _, values in
            SQLValue.compare(context, values) { $0.ends(with: $1) }
        }
    }

    private typealias Function = @convention(c) (OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?) -> Void

    private func register(_ name: String, arguments: Int32, _ function: Function) throws {
        let flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY
        let code = sqlite3_create_function_v2(handle, name, arguments, flags, nil, function, nil, nil, nil)
        if code != SQLITE_OK { throw StorageError(sqlite: code, message: "the function \(name) was refused", constraints: nil) }
    }
}

/// An argument of a SQL function.
private struct SQLValue {
    let value: OpaquePointer

    init(_ value: OpaquePointer) {
        self.value = value
    }

    /// The argument as text; nil when NULL. Valid until the function returns.
    var utf8: UnsafeBufferPointer<UInt8>? {
        guard sqlite3_value_type(value) != SQLITE_NULL, let text = sqlite3_value_text(value) else { return nil }
        return UnsafeBufferPointer(start: text, count: Int(sqlite3_value_bytes(value)))
    }

    static func compare(
        _ context: OpaquePointer?, _ values: UnsafeMutablePointer<OpaquePointer?>?,
        _ holds: (FoldedText, UnsafeBufferPointer<UInt8>) -> Bool
    ) {
        guard let context, let values, let text = values[0], let needle = values[1] else { return }
        guard let text = SQLValue(text).utf8, let needle = SQLValue(needle).utf8 else { return sqlite3_result_null(context) }
        sqlite3_result_int(context, holds(FoldedText(bytes: text), needle) ? 1 : 0)
    }
}
