package import SeaworthySQL
import SeaworthySchema

/// The migrations of an application, in the order in which they are applied. Files are read by whoever knows where they are.
package struct MigrationFolder: Sendable {
    /// The file beside the migrations that holds the schema to which the last of them leads.
    package static let schemaFile = "schema.json"
    /// The largest file that is read, in bytes.
    package static let maximumFileBytes = MigrationText.maximumBytes
    /// More files than this are not read.
    package static let maximumFiles = 10_000

    package struct File: Sendable {
        package var name: String
        package var text: String

        package init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    package private(set) var migrations: [Migration] = []
    /// Names of every migration, also those that are for another database only.
    private(set) var names: [String] = []

    package static let empty = MigrationFolder()

    private init() {}

    /// Whether a file of the folder is one of migrations, and so is to be read.
    package static func isMigration(_ file: String) -> Bool { file.hasSuffix(".sql") }

    /// - Throws: ``MaintenanceError`` `migration_invalid`, with every problem of the names or the first of a text.
    package init(_ files: [File], dialect: any Dialect) throws(MaintenanceError) {
        var problems: [String] = []
        var texts: [String: String] = [:]
        var names: Set<String> = []
        for file in files {
            guard let (name, database) = Self.parts(of: file.name) else {
                problems.append("\(file.name): it is not named <14 digits>_<name>.sqlite.sql or .postgres.sql")
                continue
            }
            names.insert(name)
            if database == dialect.name { texts[name] = file.text }
        }
        self.names = names.sorted { $0.precedes($1) }
        for name in self.names where texts[name] == nil {
            problems.append("\(name): there is no \(name).\(dialect.name).sql")
        }
        let times = Dictionary(grouping: self.names) { $0.prefix(14) }
        for (_, names) in times.sorted(by: { $0.key < $1.key }) where names.count > 1 {
            problems.append("\(names.joined(separator: " and ")): they have the same time, so that their order is not said")
        }
        guard problems.isEmpty else {
            throw MaintenanceError(
                code: .invalidMigration, details: problems,
                fix: "bring the folder of migrations in order; seaworthy migrate plan writes both files")
        }
        for name in self.names {
            migrations.append(
                try MigrationText.read(texts[name] ?? "", name: name, file: "\(name).\(dialect.name).sql", dialect: dialect))
        }
    }

    /// `20261125164154_name`, and the database of its file.
    private static func parts(of file: String) -> (name: String, database: String)? {
        for database in ["sqlite", "postgres"] where file.hasSuffix(".\(database).sql") {
            let name = String(file.dropLast(database.count + 5))
            guard isName(name) else { return nil }
            return (name, database)
        }
        return nil
    }

    private static func isName(_ name: String) -> Bool {
        let digits = name.prefix { ("0"..."9").contains($0) }
        return digits.count == 14 && name.dropFirst(14).first == "_" && isLabel(String(name.dropFirst(15)))
    }

    /// Whether a text can name a migration: letters, digits, `_` and `-`, at most 80 of them.
    package static func isLabel(_ label: String) -> Bool {
        (1...80).contains(label.utf8.count)
            && label.unicodeScalars.allSatisfy {
                ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "_" || $0 == "-"
            }
    }

    package var lastName: String? { names.last }

    /// The structure to which the last one leads that changes any.
    package var lastTarget: String? { migrations.last { $0.to != nil }?.to }
}
