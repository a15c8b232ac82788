package import SeaworthySQL
package import SeaworthySchema
package import SeaworthyStorage

/// Writes the schema file of a database that is there: `seaworthy schema pull`. Changes nothing.
package struct SchemaPull: Sendable {
    /// What is asked for.
    package struct Request: Sendable {
        /// Whom the file lets in. Nobody, unless it is asked for.
        package enum Grant: String, Sendable, CaseIterable {
            case none, read, write
        }

        /// The application's name.
        package var name: String
        /// The database's schemas; empty for the one that an unqualified name means.
        package var schemas: [String]
        /// Patterns of tables to take, with `*` and `?`; empty for all. With a dot they are for the name with its schema.
        package var tables: [String]
        /// Patterns of tables to leave out.
        package var excluded: [String]
        package var grant: Grant

        package init(name: String, schemas: [String] = [], tables: [String] = [], excluded: [String] = [], grant: Grant = .none) {
            self.name = name
            self.schemas = schemas
            self.tables = tables
            self.excluded = excluded
            self.grant = grant
        }
    }

    package struct Result: Sendable {
        /// The text of the schema file.
        package var yaml: String
        package var schema: Schema
        /// What was not taken over, or not as it stands there, a line each.
        package var report: [String]
    }

    private let database: any Database
    private let dialect: any Dialect
    private let request: Request

    package init(_ database: any Database, dialect: any Dialect, _ request: Request) {
        self.database = database
        self.dialect = dialect
        self.request = request
    }

    /// - Throws: ``MaintenanceError`` `pull_empty` when nothing is there to be taken.
    package func run() async throws -> Result {
        let request = request
        let store = SchemaStore(database, dialect: dialect)
        let (drafts, skipped) = try await database.transaction(.read) { transaction in
            try await Self.drafts(
                store.catalog(transaction), store.stored(ifThere: transaction), request, isSQLite: !store.dialect.hasSchemas)
        }
        guard !drafts.isEmpty else { throw empty(skipped) }
        return result(drafts, skipped)
    }

    private func empty(_ skipped: [String]) -> MaintenanceError {
        let place = request.schemas.isEmpty ? "" : " in \(request.schemas.joined(separator: ", "))"
        return MaintenanceError(
            code: .nothingToPull, details: skipped.isEmpty ? ["there is no table\(place) that matches"] : skipped,
            fix: dialect.hasSchemas
                ? "name other schemas or tables with --schema-name and --table" : "check the database's name, and --table")
    }

    // MARK: From tables to entities

    private static func drafts(
        _ catalog: any Catalog, _ stored: String?, _ request: Request, isSQLite: Bool
    ) async throws -> (drafts: [EntityDraft], skipped: [String]) {
        let types: any ColumnTypes = isSQLite ? SQLiteColumnTypes() : PostgresColumnTypes()
        let pull = EntityPull(types: types, stored: StoredForms(stored)) { catalog.holds($0, $1) }
        var drafts: [EntityDraft] = []
        var skipped: [String] = []
        for name in try await catalog.tableNames(in: request.schemas) where request.wants(name) {
            guard let table = try await catalog.table(named: name.table, in: name.schema) else { continue }
            if let reason = refusal(table, drafts) {
                skipped.append("\(EntityDraft(table).title): \(reason)")
                continue
            }
            var draft = pull.draft(of: table, try await catalog.contents(of: table))
            if let reason = try await setKey(&draft, catalog) {
                skipped.append("\(draft.title): \(reason)")
                continue
            }
            if !draft.entity.isReadOnly, let column = draft.missingColumn {
                draft.makeReadOnly("column \(column) must have a value and is left out, so that no record could be made")
            }
            draft = CheckReading.read(draft)
            draft.readIndexes()
            drafts.append(draft)
        }
        // Those of the schema of unqualified names have the first choice.
        var names = PulledNames()
        for index in drafts.indices.sorted(by: {
            (drafts[$0].entity.dbSchema == nil ? 0 : 1, $0) < (drafts[$1].entity.dbSchema == nil ? 0 : 1, $1)
        }) {
            (drafts[index].entity.name, drafts[index].entity.path) = names.entity(of: drafts[index].table.name)
        }
        return (ReferencePull.read(drafts, foldsCase: isSQLite) { catalog.holds($0, $1) }, skipped)
    }

    /// Why a table can be no entity, whatever is in it.
    private static func refusal(_ table: CatalogTable, _ drafts: [EntityDraft]) -> String? {
        if table.kind == .virtualTable { return "it is a virtual table" }
        if let violation = NameRules.stored(table.name.table, isTable: true) { return violation.message }
        let title = EntityDraft(table).title
        let other = drafts.first { $0.title.lowercased() == title.lowercased() }
        return other.map { "its name differs from that of «\($0.title)» only in case" }
    }

    /// Finds what identifies a record; the reason when nothing does.
    private static func setKey(_ draft: inout EntityDraft, _ catalog: any Catalog) async throws -> String? {
        let table = draft.table
        guard !draft.entity.fields.isEmpty else { return "none of its columns can be served" }
        if !table.key.isEmpty {
            if draft.setKey(table.key) { return nil }
            return "its key (\(table.key.joined(separator: ", "))) has a column that is left out or has a type that no key has"
        }
        if table.kind == .table {
            let unique = table.allIndexes.filter(\.isUnique).compactMap(\.plainColumns)
            for columns in unique where table.isIdentified(by: columns.map { $0.lowercased() }) && draft.setKey(columns) { return nil }
            return "it has no primary key, nor required columns that are unique together"
        }
        for columns in ViewKeys.candidates(of: draft) {
            guard try await catalog.areUnique(columns, in: table) ?? true, draft.setKey(columns) else { continue }
            draft.noteAbove("key: guessed, because a view has none: \(columns.joined(separator: ", ")) differs in all rows of now")
            return nil
        }
        return "no column tells the rows of the view apart; write it into the file by hand, with `readOnly: true` and `key:`"
    }

    // MARK: From entities to the file

    private func result(_ drafts: [EntityDraft], _ skipped: [String]) -> Result {
        var comments = SchemaComments()
        var entities: [Entity] = []
        for draft in drafts {
            var entity = draft.entity
            var own = draft.comments
            switch request.grant {
            case .none: own.below.append("access: { anyone: { read: true } }")
            case .read: entity.access = Access(roles: [RoleAccess(role: RoleAccess.anyone, read: .always)])
            case .write where entity.isReadOnly: entity.access = Access(roles: [RoleAccess(role: RoleAccess.anyone, read: .always)])
            case .write:
                entity.access = Access(
                    roles: [RoleAccess(role: RoleAccess.anyone, read: .always, create: .always, update: .always, delete: .always)])
            }
            comments.entities[entity.name] = own
            entities.append(entity)
        }
        comments.top = top
        comments.bottom = skipped.map { "skipped: \($0)" }
        let schema = Schema(name: request.name, entities: entities)
        return Result(
            yaml: SchemaYAML(schema, comments: comments).text, schema: schema,
            report: drafts.flatMap(\.report) + skipped.map { "skipped: \($0)" })
    }

    private var top: [String] {
        var lines = ["Made from a database by `seaworthy schema pull`; yours to edit."]
        if request.grant == .none {
            lines.append(
                "Nobody may read or write anything yet: give each entity its `access:`, for example the line that stands there as a comment."
            )
        }
        return lines
    }
}

extension SchemaPull.Request {
    fileprivate func wants(_ name: CatalogName) -> Bool {
        let title = (name.schema ?? "public") + "." + name.table
        func matches(_ pattern: String) -> Bool {
            WildcardPattern(pattern).matches(pattern.contains(".") ? title : name.table)
        }
        return (tables.isEmpty || tables.contains(where: matches)) && !excluded.contains(where: matches)
    }
}

/// `*` stands for any characters, `?` for one.
struct WildcardPattern {
    private let pattern: [Character]

    init(_ pattern: String) {
        self.pattern = Array(pattern)
    }

    func matches(_ text: String) -> Bool {
        let text = Array(text)
        var (place, index) = (0, 0)
        var star: (place: Int, index: Int)?
        while index < text.count {
            if place < pattern.count, pattern[place] == "?" || (pattern[place] == text[index] && pattern[place] != "*") {
                place += 1
                index += 1
            } else if place < pattern.count, pattern[place] == "*" {
                star = (place, index)
                place += 1
            } else if let last = star {
                place = last.place + 1
                index = last.index + 1
                star = (last.place, index)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }
}
