import CPostgreSQL
import SeaworthyStorage

extension StorageError {
    /// What a result says the server refused. <https://www.postgresql.org/docs/15/errcodes-appendix.html>
    init(_ result: PostgresResult) {
        let state = result.field(.state) ?? ""
        let code = Self.code(of: state)
        var columns: [String] = []
        switch code {
        case .notNullViolation: columns = [result.field(.column)].compactMap(\.self)
        case .uniqueViolation: columns = result.field(.detail).map(Self.keyColumns) ?? []
        default: break
        }
        // The detail and the hint may hold stored values, which have no place in a log.
        let message = result.field(.message) ?? result.errorMessage
        self.init(
            code, message: state.isEmpty ? message : "\(state): \(message)", table: result.field(.table), columns: columns)
    }

    private static func code(of state: String) -> Code {
        switch state {
        case "23505": return .uniqueViolation
        case "23503", "23001": return .foreignKeyViolation
        case "23502": return .notNullViolation
        case "23514": return .checkViolation
        case "25006": return .readOnly
        case "40001", "40P01": return .serializationFailure
        case "55P03": return .busy
        case "57014": return .statementTimeout
        case "53100": return .diskFull
        case "22003": return .numericOverflow
        case "XX001", "XX002": return .corrupt
        // Too many connections, shutting down, starting up, no such database just now; a connection that cannot be made.
        case "53300", "57P01", "57P02", "57P03", "57P05", "25P03": return .disconnected
        case "42804", "22P02", "22007", "22008", "22001", "22P03", "22021": return .typeMismatch
        case "58030": return .inputOutput
        // The connection; PgBouncer gives 08P01 for all that it refuses itself.
        default: return state.hasPrefix("08") ? .disconnected : .failed
        }
    }

    /// The columns in `Key (a, "B")=(1, x) already exists.`, whose parentheses stand in every language.
    static func keyColumns(_ detail: String) -> [String] {
        guard let start = detail.firstIndex(of: "(") else { return [] }
        var columns: [String] = []
        var name = ""
        var isQuoted = false
        var rest = detail[detail.index(after: start)...]
        while let character = rest.popFirst() {
            switch (character, isQuoted) {
            case ("\"", true) where rest.first == "\"":
                name.append("\"")
                rest.removeFirst()
            case ("\"", _): isQuoted.toggle()
            case (",", false):
                columns.append(name)
                name = ""
                if rest.first == " " { rest.removeFirst() }
            case (")", false): return rest.hasPrefix("=(") ? columns + [name] : []
            default: name.append(character)
            }
        }
        return []
    }
}
