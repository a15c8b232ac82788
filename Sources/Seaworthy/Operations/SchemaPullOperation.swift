import FoundationEssentials
import SeaworthyMaintenance
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// `seaworthy schema pull`: the schema file of a database that is there already.
package struct SchemaPullOperation: Sendable {
    /// What `--grant` takes.
    package static let grants = SchemaPull.Request.Grant.allCases.map(\.rawValue)

    /// How long a statement may run at least: some look at every row of a table.
    private static let statementTimeout: Duration = .seconds(600)

    package struct Report: Sendable {
        package var entities: Int
        /// What was not taken over, or not as it stands there, a line each.
        package var notes: [String]
    }

    private let database: String?
    private let outputPath: String?
    private let overwrites: Bool
    private let name: String?
    private let schemas: [String]
    private let tables: [String]
    private let excluded: [String]
    private let grant: String

    /// - Parameters:
    ///   - database: as `DATABASE_URL`, without a password; nil takes that setting.
    ///   - outputPath: the file to write; nil is standard output.
    ///   - overwrites: whether a file that is there is replaced.
    ///   - name: the application's name; nil takes the database's.
    ///   - schemas: the database's schemas; empty for the one that an unqualified name means.
    ///   - tables: patterns of tables to take; empty for all.
    ///   - excluded: patterns of tables to leave out.
    ///   - grant: one of ``grants``.
    package init(
        database: String?, outputPath: String?, overwrites: Bool, name: String?, schemas: [String], tables: [String], excluded: [String],
        grant: String
    ) {
        self.database = database
        self.outputPath = outputPath
        self.overwrites = overwrites
        self.name = name
        self.schemas = schemas
        self.tables = tables
        self.excluded = excluded
        self.grant = grant
    }

    package func run() async throws -> Report {
        if let outputPath, !overwrites, FileManager.default.fileExists(atPath: outputPath) {
            throw OperationFailure("the file «\(outputPath)» is there already. Fix: name another with --output, or replace it with --force")
        }
        let settings = try Operations.settings(logDescriptor: STDERR_FILENO, makesKeys: false)
        let location = try database.map(Self.location) ?? settings.database.location
        try requireDatabase(location)
        let own = DatabaseSettings(
            location: location, directConnection: database == nil ? settings.database.directConnection : nil, poolSize: 2,
            poolTimeout: settings.database.poolTimeout, connectTimeout: settings.database.connectTimeout,
            statementTimeout: max(settings.database.statementTimeout, Self.statementTimeout))
        let opened = try await OpenedDatabase.connectDirectly(own)
        let result = try await opened.database.closing { try await pull(opened, location) }
        try write(result.yaml)
        try check(result.yaml)
        return Report(entities: result.schema.entities.count, notes: result.report)
    }

    private func pull(_ opened: OpenedDatabase, _ location: DatabaseSettings.Location) async throws -> SchemaPull.Result {
        let isPostgres = location.isPostgres
        guard isPostgres || schemas.isEmpty else {
            throw OperationFailure("SQLite has no schemas. Fix: leave --schema-name out")
        }
        let request = SchemaPull.Request(
            name: name ?? Self.name(of: location), schemas: schemas, tables: tables, excluded: excluded,
            grant: SchemaPull.Request.Grant(rawValue: grant) ?? .none)
        do {
            return try await SchemaPull(opened.database, dialect: opened.dialect, request).run()
        } catch let error as MaintenanceError {
            throw OperationFailure("\(error)")
        } catch let error as StorageError {
            let longer = "set DATABASE_STATEMENT_TIMEOUT to more than \(DurationText.render(Self.statementTimeout))"
            let fix =
                error.code == .statementTimeout
                ? "leave large tables out with --exclude, or \(longer)" : "check the rights of its user"
            throw OperationFailure("the database cannot be read: \(error.message). Fix: \(fix)")
        }
    }

    /// SQLite makes a database of every name that is opened.
    private func requireDatabase(_ location: DatabaseSettings.Location) throws {
        let fix = "set DATABASE_URL, or name the database with --database sqlite:PATH or --database postgres://HOST/NAME"
        switch location {
        case .file(let path):
            guard !FileManager.default.fileExists(atPath: path) else { return }
            throw OperationFailure("there is no database at \(path). Fix: \(fix)")
        case .memory: throw OperationFailure("a database in memory is always empty. Fix: \(fix)")
        case .postgres: return
        }
    }

    private static func location(_ text: String) throws -> DatabaseSettings.Location {
        do {
            let definition = SettingNames.definition(of: "DATABASE_URL")
            guard let definition,
                case .location(let location) = try SettingValue.parse(
                    text, as: definition, workingDirectory: FileManager.default.currentDirectoryPath)
            else { throw OperationFailure("--database names no database") }
            if case .postgres(let connection) = location, Self.hasPassword(connection) {
                throw OperationFailure(
                    "--database holds a password, which every user of this machine can see there. Fix: set DATABASE_URL or DATABASE_URL_FILE instead"
                )
            }
            return location
        } catch let refusal as SettingValue.Refusal {
            throw OperationFailure("--database \(refusal.detail). Fix: \(refusal.fix.replacing("DATABASE_URL=", with: "--database "))")
        }
    }

    private static func hasPassword(_ connection: String) -> Bool {
        guard let start = connection.firstRange(of: "://") else { return false }
        let authority = connection[start.upperBound...].prefix { $0 != "/" && $0 != "?" }
        let user = authority.contains("@") ? authority.prefix { $0 != "@" } : ""
        return user.contains(":") || connection.lowercased().contains("password=")
    }

    /// The name of the database or its file, without its ending.
    private static func name(of location: DatabaseSettings.Location) -> String {
        let text: Substring
        switch location {
        case .file(let path): text = path.split(separator: "/").last?.split(separator: ".").first ?? ""
        case .memory: text = ""
        case .postgres(let connection):
            let rest = connection.firstRange(of: "://").map { connection[$0.upperBound...] } ?? ""
            text = rest.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: false).dropFirst().first ?? ""
        }
        let name = String(text.filter { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }.prefix(60))
        return name.isEmpty ? "app" : name
    }

    private func write(_ yaml: String) throws {
        guard let outputPath else { return try FileDescriptor.standardOutput.write(Array(yaml.utf8)) }
        // What is there stays until the whole is written.
        let part = outputPath + ".part"
        guard let file = FileDescriptor(writing: part) else {
            throw OperationFailure("the file «\(part)» cannot be written. Fix: check its folder and rights")
        }
        do {
            try file.write(Array(yaml.utf8))
            guard rename(part, outputPath) == 0 else { throw OperationFailure("the file «\(outputPath)» cannot be written") }
        } catch {
            unlink(part)
            throw error
        }
    }

    /// What was written is read once more, so that nobody finds out later.
    private func check(_ yaml: String) throws {
        do {
            _ = try SchemaParser.parse(yaml: yaml, file: outputPath ?? "the schema")
        } catch {
            throw OperationFailure(
                "the schema is written and has \(error.problems.count) problem(s), which is a fault of this command:\n\(error)\nFix: correct it by hand, and report it"
            )
        }
    }
}
