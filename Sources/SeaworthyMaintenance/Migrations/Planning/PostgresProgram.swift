import SeaworthySQL
import SeaworthySchema

/// The steps of a change on PostgreSQL. What would hold a table for long is taken apart: indexes are built concurrently, references and
/// required values are declared first and proven afterwards, by a look at the rows that lets the traffic through.
/// <https://www.postgresql.org/docs/15/sql-altertable.html#SQL-ALTERTABLE-NOTES>
struct PostgresProgram {
    let change: SchemaChange
    /// Whether there may be several files; otherwise all is done in one transaction, as for the way back.
    let isPhased: Bool
    let language = PostgresLanguage()
    let dialect = PostgresDialect()
    private(set) var steps: [MigrationStep] = []

    init(_ change: SchemaChange, isPhased: Bool) {
        self.change = change
        self.isPhased = isPhased
        dropReferences()
        for table in change.altered { dropIndexes(of: table) }
        if !change.dropped.isEmpty {
            let tables = change.dropped.map(language.table).joined(separator: ", ")
            add("drop \(change.dropped.map { "«\($0.table)»" }.joined(separator: ", "))", ["DROP TABLE \(tables)"])
        }
        renameTables()
        for table in change.altered { alter(table) }
        for name in Set(change.created.compactMap(\.dbSchema)).sorted() {
            add("create schema «\(name)»", ["CREATE SCHEMA IF NOT EXISTS \(quoted(name))"])
        }
        for entity in change.created {
            let definition = TableDefinition(entity, in: change.new, dialect: dialect)
            add("create table «\(entity.table)»", [definition.createTable])
            for index in definition.indexes { add("create index «\(index.name)»", [index.statement]) }
        }
        addReferences()
        for table in change.altered { changeIndexes(of: table) }
    }

    func quoted(_ name: String) -> String { language.quoted(name) }

    mutating func add(_ summary: String, _ statements: [String], _ risks: [MigrationRisk] = []) {
        if !statements.isEmpty { steps.append(MigrationStep(summary: summary, statements: statements, risks: risks)) }
    }

    mutating func add(
        _ phase: MigrationStep.Phase, _ summary: String, _ statements: [String], undo: [String] = [], _ risks: [MigrationRisk] = []
    ) {
        steps.append(
            MigrationStep(phase: isPhased ? phase : .change, summary: summary, statements: statements, undo: undo, risks: risks))
    }

    func risk(_ kind: MigrationRisk.Kind, _ why: String) -> MigrationRisk {
        MigrationRisk(kind: kind, dialect: dialect.name, why: why)
    }

    /// Names are of a schema of the database each.
    private mutating func renameTables() {
        let renamed = Dictionary(grouping: change.altered.filter(\.isTableRenamed)) { $0.new.dbSchema }
        for (_, tables) in renamed.sorted(by: { ($0.key ?? "") < ($1.key ?? "") }) {
            for rename in RenameOrder.steps(tables.map { (from: $0.old.table, to: $0.new.table) }) {
                add(
                    "rename table «\(rename.from)» to «\(rename.to)»",
                    ["ALTER TABLE \(language.name(rename.from, beside: tables[0].new)) RENAME TO \(quoted(rename.to))"])
            }
        }
    }

    // MARK: References

    private mutating func dropReferences() {
        let tables = change.altered.map { ($0.old, Optional($0)) } + change.dropped.map { ($0, nil) }
        for (entity, table) in tables {
            for reference in entity.references where table.flatMap({ change.keptReference(reference, of: $0) }) == nil {
                guard let target = change.old.entity(named: reference.target) else { continue }
                let columns = reference.fields.map { language.text(entity.fields[$0].column) }.joined(separator: ", ")
                let name = language.text(language.table(entity))
                add(
                    "drop the reference of «\(entity.table)» to «\(target.table)»",
                    [
                        """
                        DO $seaworthy$ DECLARE found text; BEGIN
                            FOR found IN SELECT c.conname FROM pg_constraint c
                                WHERE c.contype = 'f' AND c.conrelid = \(name)::regclass
                                AND c.confrelid = \(language.text(language.table(target)))::regclass
                                AND (SELECT array_agg(a.attname::text ORDER BY k.place)
                                    FROM unnest(c.conkey) WITH ORDINALITY AS k (number, place)
                                    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number) = ARRAY[\(columns)]
                            LOOP
                                EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', \(name)::regclass, found);
                            END LOOP;
                        END $seaworthy$
                        """
                    ])
            }
        }
    }

    private mutating func addReferences() {
        for entity in change.created {
            let definition = TableDefinition(entity, in: change.new, dialect: dialect)
            for statement in definition.addReferences { add("add a reference of «\(entity.table)»", [statement]) }
        }
        for table in change.altered {
            let kept = Set(table.old.references.compactMap { change.keptReference($0, of: table) })
            let statements = TableDefinition(table.new, in: change.new, dialect: dialect).addReferences
            for (index, reference) in table.new.references.enumerated() where !kept.contains(index) && index < statements.count {
                let target = change.new.entity(named: reference.target)?.table ?? ""
                let summary = "the reference of «\(table.new.table)» to «\(target)»"
                guard isPhased else {
                    add("add \(summary)", [statements[index]])
                    continue
                }
                let alter = "ALTER TABLE \(language.table(table.new)) ADD"
                let name = quoted(constraint([table.new.table] + reference.fields.map { table.new.fields[$0].column }, "fkey"))
                add(
                    "add \(summary), for what is written from now on",
                    ["\(alter) CONSTRAINT \(name) \(statements[index].dropFirst(alter.count)) NOT VALID"])
                add(
                    .validate, "prove \(summary), for the rows that are there",
                    ["ALTER TABLE \(language.table(table.new)) VALIDATE CONSTRAINT \(name)"],
                    [
                        risk(.scan, "every row of «\(table.new.table)» is looked at; reads and writes go on")
                    ])
            }
        }
    }

    /// The name that PostgreSQL would give, within the 63 bytes that it takes.
    func constraint(_ parts: [String], _ ending: String) -> String {
        let name = (parts + [ending]).joined(separator: "_")
        guard name.utf8.count > 63 else { return name }
        var short = ""
        for scalar in name.unicodeScalars where short.utf8.count + String(scalar).utf8.count <= 53 - ending.utf8.count {
            short.unicodeScalars.append(scalar)
        }
        return "\(short)_\(Checksum.sha256(name).prefix(8))_\(ending)"
    }

    // MARK: Indexes

    private mutating func dropIndexes(of table: TableChange) {
        for index in IndexChange(table, change, dialect).dropped {
            add("drop index «\(index)»", ["DROP INDEX IF EXISTS \(language.name(index, beside: table.old))"])
        }
    }

    private mutating func changeIndexes(of table: TableChange) {
        let indexes = IndexChange(table, change, dialect)
        for rename in RenameOrder.steps(indexes.renamed.map { (from: $0.from, to: $0.to) }) {
            add(
                "rename index «\(rename.from)» to «\(rename.to)»",
                ["ALTER INDEX \(language.name(rename.from, beside: table.new)) RENAME TO \(quoted(rename.to))"])
        }
        for index in indexes.created {
            guard isPhased else {
                add("create index «\(index.name)»", [index.statement])
                continue
            }
            let lead = index.statement.hasPrefix("CREATE UNIQUE INDEX ") ? "CREATE UNIQUE INDEX " : "CREATE INDEX "
            let statement = lead + "CONCURRENTLY " + index.statement.dropFirst(lead.count)
            add(
                .concurrently, "create index «\(index.name)»", [statement],
                undo: ["DROP INDEX CONCURRENTLY IF EXISTS \(language.name(index.name, beside: table.new))"],
                [risk(.scan, "«\(index.name)» is built while reads and writes go on, and waits for transactions that are open")])
        }
    }
}
