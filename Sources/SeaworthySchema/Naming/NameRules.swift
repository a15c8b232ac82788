/// Which names the language takes. Each rule says what is wrong, or nothing.
package enum NameRules {
    package static let longestName = 63
    package static let reservedNames = ["data", "meta", "AND", "OR", "NOT", "some", "every", "none"]
    package static let reservedPaths = ["auth", "users", "batch", "locks", "system"]
    package static let reservedTablePrefixes = ["seaworthy_", "sqlite_"]

    /// What is wrong with a name, and how it is put right.
    package struct Violation: Equatable {
        package var code: SchemaProblem.Code
        package var message: String
        package var fix: String
    }

    package static func entity(_ name: String) -> Violation? {
        guard isWord(name, first: isLetter, rest: { isLetter($0) || isDigit($0) }) else {
            return Violation(
                code: .invalidName, message: "«\(name.lineExcerpt)» cannot name an entity.", fix: "use a letter, then letters and digits.")
        }
        return tooLong(name)
    }

    /// Rules for names that stand in filters and paths: fields and relations.
    package static func member(_ name: String, of kind: String) -> Violation? {
        if reservedNames.contains(where: name.hasSameBytes) {
            return Violation(
                code: .reservedName, message: "«\(name)» means something else in requests and answers.", fix: "use another name.")
        }
        if let sign = name.first(where: { "$.,".contains($0) }) {
            return Violation(
                code: .reservedName, message: "«\(name.lineExcerpt)» holds «\(sign)», which separates names in requests.",
                fix: "use a name without `$`, `.` and `,`.")
        }
        guard isWord(name, first: { isLetter($0) || $0 == "_" }, rest: { isLetter($0) || isDigit($0) || $0 == "_" }) else {
            return Violation(
                code: .invalidName, message: "«\(name.lineExcerpt)» cannot name \(kind).",
                fix: "use a letter or _, then letters, digits and _.")
        }
        return tooLong(name)
    }

    package static let rolePattern = "^[A-Za-z][A-Za-z0-9_-]*$"

    static func role(_ name: String) -> Violation? {
        if name.hasSameBytes(as: RoleAccess.admin) {
            return Violation(
                code: .reservedName, message: "The role «\(name)» may do everything already, and nothing can be taken from it.",
                fix: "remove it, or give the rules to a role of another name.")
        }
        guard isWord(name, first: isLetter, rest: { isLetter($0) || isDigit($0) || $0 == "_" || $0 == "-" }) else {
            return Violation(
                code: .invalidName, message: "«\(name.lineExcerpt)» cannot name a role.",
                fix: "use a letter, then letters, digits, _ and -.")
        }
        return tooLong(name)
    }

    static func provider(_ name: String) -> Violation? {
        guard isWord(name, first: isPathScalar, rest: isPathScalar) else {
            return Violation(
                code: .invalidName, message: "«\(name.lineExcerpt)» cannot name a provider.",
                fix: "use lower-case letters, digits and hyphens.")
        }
        return tooLong(name)
    }

    package static func path(_ path: String) -> Violation? {
        let isSegment = isWord(path, first: isPathScalar, rest: isPathScalar)
        guard isSegment else {
            return Violation(
                code: .invalidName, message: "«\(path.lineExcerpt)» cannot be a path.", fix: "use lower-case letters, digits and hyphens.")
        }
        if reservedPaths.contains(path) {
            return Violation(code: .reservedName, message: "The path «\(path)» is the server's own.", fix: "give another `path:`.")
        }
        return tooLong(path)
    }

    /// Tables and columns keep the names that a database has, so they may hold anything that fits.
    package static func stored(_ name: String, isTable: Bool) -> Violation? {
        let kind = isTable ? "table" : "column"
        guard !name.isEmpty, !name.unicodeScalars.contains("\0") else {
            return Violation(
                code: .invalidName, message: "«\(name.lineExcerpt)» cannot name a \(kind).",
                fix: "use a name of 1 to 63 bytes without U+0000.")
        }
        if isTable, let prefix = reservedTablePrefixes.first(where: name.lowercased().hasPrefix) {
            return Violation(
                code: .reservedName, message: "«\(name.lineExcerpt)» begins with «\(prefix)», which is kept for tables of the server.",
                fix: "give another `table:`.")
        }
        return tooLong(name)
    }

    /// A schema of the database. Its own are not the application's.
    static func dbSchema(_ name: String) -> Violation? {
        guard !name.isEmpty, !name.unicodeScalars.contains("\0") else {
            return Violation(
                code: .invalidName, message: "«\(name.lineExcerpt)» cannot name a schema of the database.",
                fix: "use a name of 1 to 63 bytes without U+0000.")
        }
        guard !name.hasPrefix("pg_"), name != "information_schema" else {
            return Violation(
                code: .reservedName, message: "«\(name.lineExcerpt)» is a schema of the database's own.",
                fix: "name one of the application's.")
        }
        return tooLong(name)
    }

    private static func tooLong(_ name: String) -> Violation? {
        guard name.utf8.count > longestName else { return nil }
        return Violation(
            code: .invalidName, message: "«\(name.lineExcerpt)» has \(name.utf8.count) bytes.", fix: "use at most \(longestName) bytes.")
    }

    private static func isWord(_ text: String, first: (Unicode.Scalar) -> Bool, rest: (Unicode.Scalar) -> Bool) -> Bool {
        guard let start = text.unicodeScalars.first, first(start) else { return false }
        return text.unicodeScalars.dropFirst().allSatisfy(rest)
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        ("0"..."9").contains(scalar)
    }

    private static func isPathScalar(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || isDigit(scalar) || scalar == "-"
    }
}
