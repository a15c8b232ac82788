import PostgresServing
import SeaworthyPostgres
import SeaworthyQuery
import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage

/// A database that statements have to mean the same on.
enum DatabaseKind: CaseIterable {
    case sqlite, postgres

    var dialect: any Dialect {
        switch self {
        case .sqlite: SQLiteDialect()
        case .postgres: PostgresDialect()
        }
    }

    func open() async throws -> any Database {
        switch self {
        case .sqlite:
            var settings = SQLiteSettings(.memory)
            settings.readerCount = 1
            return try await SQLiteDatabase.open(settings)
        case .postgres:
            var settings = PostgresSettings(try await PostgresServer.running().makeDatabase())
            settings.pool.waitTimeout = .seconds(60)
            return try await PostgresDatabase.open(settings)
        }
    }
}

/// Tables of a schema in a database of its own, made by the statements under test.
struct SampleDatabase {
    let database: any Database
    let dialect: any Dialect

    init(_ entities: [Entity], on kind: DatabaseKind = .sqlite) async throws {
        database = try await kind.open()
        let dialect = kind.dialect
        self.dialect = dialect
        let schema = Schema(name: "test", entities: entities)
        try await database.transaction(.write) { transaction in
            for entity in entities {
                let definition = TableDefinition(entity, in: schema, dialect: dialect)
                try await transaction.execute(Statement(definition.createTable))
                for index in definition.indexes { try await transaction.execute(Statement(index.statement)) }
            }
            for entity in entities {
                for statement in TableDefinition(entity, in: schema, dialect: dialect).addReferences {
                    try await transaction.execute(Statement(statement))
                }
            }
        }
    }

    /// One table with these records.
    static func of(_ entity: Entity, rows: [[Value]], on kind: DatabaseKind = .sqlite) async throws -> (
        sample: SampleDatabase, entity: Entity
    ) {
        let sample = try await SampleDatabase([entity], on: kind)
        try await sample.insert(rows, into: entity)
        return (sample, entity)
    }

    /// The first column of the records that the filter selects, in the order of the key.
    func firstColumn(of entity: Entity, where filter: Filter) async throws -> [Value] {
        try await rows(try ListRequest.of(entity, filter: filter).plan(entity)).map { $0[0] }
    }

    func insert(_ records: [[Value]], into entity: Entity) async throws {
        let sql = RecordStatements(entity, dialect: dialect).insertOnly(fields: Array(entity.fields.indices))
        try await database.transaction(.write) { transaction in
            _ = try await transaction.executeBatch(sql, values: records.flatMap { $0 }, width: entity.fields.count, continuesOnError: false)
        }
    }

    func rows(_ statement: Statement) async throws -> [[Value]] {
        try await database.query(statement, into: ValueRows())
    }

    func rows(_ plan: ListPlan) async throws -> [[Value]] {
        try await rows(Statement(plan.sql(dialect), plan.shape.parameters))
    }

    func count(_ plan: ListPlan) async throws -> [[Value]] {
        try await rows(Statement(plan.countSQL(dialect), plan.countShape.parameters))
    }

    /// Runs writing statements in one transaction and gives the rows of the last.
    func write(_ statements: [Statement]) async throws -> [[Value]] {
        try await database.transaction(.write) { transaction in
            var rows: [[Value]] = []
            for statement in statements { rows = try await transaction.query(statement, into: ValueRows()) }
            return rows
        }
    }

    func close() async {
        await database.close()
    }
}

extension ListRequest {
    /// A request as a parser would give it.
    static func of(
        _ entity: Entity, filter: Filter = .all([]), terms: [String] = [], sort: [SortKey] = [], select: [Int]? = nil, limit: Int = 1000
    ) throws -> ListRequest {
        var request = try ListRequestParser.parse(
            [], at: 0, model: ReadableModel([entity]), api: Schema.API(pageSize: limit, maxPageSize: limit))
        request.filter = filter
        request.searchTerms = terms
        request.sort = sort
        request.projection = Projection(entity: 0, fields: select ?? Array(entity.fields.indices))
        return request
    }

    func plan(_ entity: Entity, access: Filter? = nil, start: ListPlan.Start = .first, isVisible: (Int) -> Bool = { _ in true }) -> ListPlan
    {
        ListPlan(self, model: .alone(entity, access: access, isVisible: isVisible), start: start)
    }
}

extension ReadableModel {
    /// An entity that stands alone, under one rule.
    static func alone(_ entity: Entity, access: Filter? = nil, isVisible: (Int) -> Bool = { _ in true }) -> ReadableModel {
        let hidden = Set(entity.fields.indices.filter { !isVisible($0) })
        return ReadableModel(
            entities: [entity], access: [ReadAccess([.init(rule: access, hidden: hidden)], fieldCount: entity.fields.count)])
    }
}

extension ListRequestParser {
    static func parse(
        _ items: [(name: String, value: String)], entity: Entity, api: Schema.API, isVisible: @escaping (Int) -> Bool
    ) throws(QueryProblems) -> ListRequest {
        try parse(items, at: 0, model: .alone(entity, isVisible: isVisible), api: api)
    }
}

extension SortKey {
    init(_ field: Int, isDescending: Bool) {
        self.init(FieldPath(field), isDescending: isDescending)
    }

    var field: Int { path.field }
}

extension RecordStatements {
    static func ruleParameters(_ rules: [Filter]) -> [Value] {
        RecordStatements(RandomRecords.entity, dialect: SQLiteDialect()).changeShape(rules: rules).parameters
    }
}

extension PlanShape {
    static func insert(_ fields: [Int]) -> PlanShape {
        RecordStatements(RandomRecords.entity, dialect: SQLiteDialect()).insertShape(fields, rules: [])
    }

    static func update(_ fields: [Int]) -> PlanShape {
        RecordStatements(RandomRecords.entity, dialect: SQLiteDialect()).updateShape(fields, rules: [])
    }
}
