import SeaworthySQL
import SeaworthySchema

/// The form of a migration's file.
///
/// ```sql
/// -- no-transaction                      one statement, outside of any transaction
/// -- from: 5f1c…                         the structures of the schema between which it leads
/// -- to: 9a03…
/// -- destructive: drops the column …     apply needs --allow-destructive
/// -- references-off                      SQLite: references are checked before the commit
/// -- baseline: ["orders"]                not run where these tables are
/// -- irreversible                        there is no way back
///
/// -- up
/// ALTER TABLE …;
///
/// -- down
/// ALTER TABLE …;
/// ```
enum MigrationText {
    /// The largest file that is read, in bytes.
    static let maximumBytes = 4 * 1024 * 1024

    private static let nothingToDo = "nothing to do"
    private static let nothingToUndo = "nothing to undo"
    private static let directives = ["no-transaction", "from", "to", "destructive", "references-off", "baseline", "irreversible"]
    private static let control: Set<String> = [
        "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "PREPARE", "ATTACH", "DETACH",
    ]

    static func rebuildMark(_ table: String, without columns: [String]) -> String {
        let mark: JSONValue = ["table": .string(table), "without": .array(columns.map { .string($0) })]
        return "-- rebuild: \(mark.compactText)"
    }

    static func rebuiltMark(_ table: String) -> String { "-- rebuilt: \(JSONValue.string(table).compactText)" }

    // MARK: Writing

    static func render(header: [String], up: [MigrationStep], down: [MigrationStep], undoes: Bool = true) -> String {
        var lines = header.map { "-- \($0.onOneLine)" } + ["", "-- up"]
        lines += up.isEmpty ? ["-- \(nothingToDo)"] : up.flatMap(render)
        lines += ["", "-- down"]
        lines += down.isEmpty ? (undoes ? ["-- \(nothingToUndo)"] : []) : down.flatMap(render)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func render(_ step: MigrationStep) -> [String] {
        ["", "-- \(step.summary.onOneLine)"] + step.statements.map { $0.hasPrefix("--") ? $0 : "\($0);" }
    }

    // MARK: Reading

    /// - Throws: ``MaintenanceError`` `migration_invalid` that names the file and the line.
    static func read(_ text: String, name: String, file: String, dialect: any Dialect) throws(MaintenanceError) -> Migration {
        func failure(_ line: Int, _ reason: String) -> MaintenanceError {
            MaintenanceError(
                code: .invalidMigration, details: ["\(file):\(line): \(reason)"], fix: "correct the file; docs/migrations.md shows its form"
            )
        }
        let text = text.replacing("\r\n", with: "\n")
        var migration = Migration(name: name, checksum: Checksum.sha256(text))
        let parts: [SQLScript.Part]
        do throws(SQLScript.Failure) {
            parts = try SQLScript.parts(of: text, dialect is SQLiteDialect ? .sqlite : .postgres)
        } catch {
            throw failure(error.line, error.reason)
        }
        var section: WritableKeyPath<Migration, [Migration.Command]>?
        var sections: [String] = []
        var hasNothing = (todo: false, undo: false)
        for part in parts {
            switch part {
            case .comment("up", let line), .comment("down", let line):
                let (word, expected) = (sections.isEmpty ? "up" : "down", part)
                guard case .comment(word, _) = expected, sections.count < 2 else {
                    throw failure(line, "expected one «-- up» and then one «-- down»")
                }
                sections.append(word)
                section = word == "up" ? \.up : \.down
            case .comment(let comment, let line):
                do throws(Refusal) {
                    guard let section else {
                        try readHeader(comment, into: &migration)
                        continue
                    }
                    if comment == nothingToDo { hasNothing.todo = true }
                    if comment == nothingToUndo { hasNothing.undo = true }
                    if let command = try command(comment, line) { migration[keyPath: section].append(command) }
                } catch {
                    throw failure(line, error.reason)
                }
            case .statement(let statement, let line):
                guard let section else { throw failure(line, "a statement before «-- up»") }
                let word = statement.prefix { $0.isLetter }.uppercased()
                if control.contains(word) {
                    throw failure(line, "«\(word)» does not belong into a migration: each file is one transaction, or none")
                }
                migration[keyPath: section].append(.statement(statement, line: line))
            }
        }
        let end = text.split(separator: "\n", omittingEmptySubsequences: false).count
        guard sections.count == 2 else { throw failure(end, "it needs «-- up» and «-- down»") }
        if let reason = problem(of: migration, hasNothing) { throw failure(1, reason) }
        return migration
    }

    private struct Refusal: Error {
        var reason: String
    }

    private static func readHeader(_ comment: String, into migration: inout Migration) throws(Refusal) {
        let parts = comment.split(separator: ":", maxSplits: 1).map { String($0.drop { $0 == " " }) }
        let word = parts.first ?? ""
        let rest = parts.count > 1 ? parts[1] : ""
        switch word {
        case "no-transaction" where parts.count == 1: migration.usesTransaction = false
        case "references-off" where parts.count == 1: migration.switchesReferencesOff = true
        case "irreversible" where parts.count == 1: migration.isIrreversible = true
        case "destructive": migration.losses.append(rest.isEmpty ? "it says so" : rest)
        case "from" where !rest.isEmpty: migration.from = rest
        case "to" where !rest.isEmpty: migration.to = rest
        case "baseline":
            guard let json = try? JSONParser.parse(rest), let tables = tables(json) else {
                throw Refusal(reason: "«baseline:» needs a JSON array of the tables' names, of [schema, table] where they are in schemas")
            }
            migration.baseline = tables
        default:
            // A slip in a word that changes how the file is run must not pass as a remark.
            guard !word.contains(" "), let meant = directives.nearest(to: word.lowercased()) else { return }
            throw Refusal(reason: "«\(comment.onOneLine)» is no heading; did you mean «-- \(meant)»?")
        }
    }

    private static func command(_ comment: String, _ line: Int) throws(Refusal) -> Migration.Command? {
        if comment.hasPrefix("rebuild: ") {
            guard case .object(let object)? = try? JSONParser.parse(String(comment.dropFirst("rebuild: ".count))),
                case .string(let table)? = object["table"], let without = object["without"].flatMap(texts)
            else { throw Refusal(reason: "«rebuild:» needs a JSON object of «table» and «without»") }
            return .rebuild(table: table, without: without, line: line)
        }
        if comment.hasPrefix("rebuilt: ") {
            guard case .string(let table)? = try? JSONParser.parse(String(comment.dropFirst("rebuilt: ".count))) else {
                throw Refusal(reason: "«rebuilt:» needs the table's name as a JSON string")
            }
            return .rebuilt(table: table, line: line)
        }
        return nil
    }

    private static func tables(_ json: JSONValue) -> [CatalogName]? {
        guard case .array(let elements) = json else { return nil }
        let tables = elements.compactMap { element -> CatalogName? in
            if case .string(let name) = element { return CatalogName(schema: nil, table: name) }
            guard let parts = texts(element), parts.count == 2 else { return nil }
            return CatalogName(schema: parts[0], table: parts[1])
        }
        return tables.count == elements.count ? tables : nil
    }

    private static func texts(_ json: JSONValue) -> [String]? {
        guard case .array(let elements) = json else { return nil }
        let texts = elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
        return texts.count == elements.count ? texts : nil
    }

    private static func problem(of migration: Migration, _ hasNothing: (todo: Bool, undo: Bool)) -> String? {
        if migration.up.isEmpty, !hasNothing.todo { return "«-- up» is empty; write «-- \(nothingToDo)» below it if that is meant" }
        if migration.down.isEmpty, !migration.up.isEmpty, !hasNothing.undo, !migration.isIrreversible {
            return "«-- down» is empty; write «-- \(nothingToUndo)» below it, or «-- irreversible» as a heading"
        }
        for commands in [migration.up, migration.down] {
            var open: String?
            for command in commands {
                switch command {
                case .statement: continue
                case .rebuild(let table, _, _):
                    guard open == nil, migration.switchesReferencesOff, migration.usesTransaction else {
                        return "«rebuild:» needs the heading «-- references-off», a transaction, and «rebuilt:» before the next"
                    }
                    open = table
                case .rebuilt(let table, _):
                    guard open == table else { return "«rebuilt:» of \(table) without its «rebuild:»" }
                    open = nil
                }
            }
            if let open { return "«rebuild:» of \(open) without its «rebuilt:»" }
            if !migration.usesTransaction, commands.count > 1 { return "«-- no-transaction» takes one statement" }
        }
        return nil
    }
}

extension String {
    /// The text on one line.
    var onOneLine: String {
        String(
            String.UnicodeScalarView(unicodeScalars.map { $0.value < 0x20 || $0.properties.generalCategory == .lineSeparator ? " " : $0 }))
    }
}
