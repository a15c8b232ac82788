import SeaworthyQuery
import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage
import SeededNumbers
import Testing

/// Random filters, sorts and rules through relations, on random records: SQL against the meaning of a filter in plain Swift.
@Suite struct RelationSQLPropertyTests {
    /// Two entities that point at themselves and at each other, one of them by two fields.
    private static let schema = Schema(
        name: "t",
        entities: [
            Entity(
                name: "A", table: "a", path: "a", key: [0],
                fields: [
                    Field(name: "id", column: "id", type: .integer), Field(name: "n", column: "n", type: .integer),
                    Field(name: "t", column: "t", type: .string), Field(name: "up", column: "up", type: .integer),
                    Field(name: "b1", column: "b1", type: .integer), Field(name: "b2", column: "b2", type: .string),
                ],
                references: [
                    Reference(name: "parent", inverse: "kids", target: "A", fields: [3]),
                    Reference(name: "b", inverse: "as", target: "B", fields: [4, 5]),
                ]),
            Entity(
                name: "B", table: "b", path: "b", key: [0, 1],
                fields: [
                    Field(name: "k1", column: "k1", type: .integer), Field(name: "k2", column: "k2", type: .string),
                    Field(name: "n", column: "n", type: .integer), Field(name: "owner", column: "owner", type: .integer),
                ], references: [Reference(name: "owner", inverse: "owned", target: "A", fields: [3])]),
        ])

    private struct World {
        var random: SplitMix
        /// By entity.
        var records: [[[Value]]] = [[], []]
        let entities = RelationSQLPropertyTests.schema.entities

        mutating func number() -> Value { random.chance(20) ? .null : .integer(Int64(random.number(0..<4))) }
        mutating func text() -> Value { random.chance(20) ? .null : .text(random.pick(["a", "B", "ab", "ß"])) }

        init(seed: UInt64) {
            random = SplitMix(seed: seed)
            for id in 0..<14 {
                let (number, text) = (number(), text())
                let up: Value = random.chance(30) ? .null : .integer(Int64(random.number(0..<14)))
                let b1: Value = random.chance(20) ? .null : .integer(Int64(random.number(0..<3)))
                let b2: Value = random.chance(20) ? .null : .text(random.pick(["x", "y"]))
                records[0].append([.integer(Int64(id)), number, text, up, b1, b2])
            }
            for k1 in 0..<3 {
                for k2 in ["x", "y"] {
                    let owner: Value = random.chance(30) ? .null : .integer(Int64(random.number(0..<14)))
                    records[1].append([.integer(Int64(k1)), .text(k2), number(), owner])
                }
            }
        }

        /// The steps of a way through relations to one, and the entity at its end.
        mutating func way(from entity: Int, atMost count: Int) -> (steps: [RelationStep], end: Int) {
            var (steps, end) = ([RelationStep](), entity)
            for _ in 0..<random.number(0..<(count + 1)) {
                let choices = entities[end].relations.indices.filter { !entities[end].relations[$0].isToMany }
                let relation = random.pick(choices)
                steps.append(RelationStep(relation))
                end = entities[end].relations[relation].target
            }
            return (steps, end)
        }

        mutating func filter(of entity: Int, depth: Int) -> Filter {
            if depth > 0, random.chance(60) {
                switch random.number(0..<4) {
                case 0: return .all((0..<random.number(0..<3)).map { _ in filter(of: entity, depth: depth - 1) })
                case 1: return .any((0..<random.number(0..<3)).map { _ in filter(of: entity, depth: depth - 1) })
                case 2: return .not(filter(of: entity, depth: depth - 1))
                default:
                    var (steps, end) = way(from: entity, atMost: 1)
                    let relation = random.pick(entities[end].relations.indices.filter { entities[end].relations[$0].isToMany })
                    steps.append(RelationStep(relation))
                    return .related(
                        steps, random.pick([.some, .every, .none]), filter(of: entities[end].relations[relation].target, depth: depth - 1))
                }
            }
            let (steps, end) = way(from: entity, atMost: 2)
            let field = random.number(0..<entities[end].fields.count)
            let path = FieldPath(field, through: steps)
            let isText = entities[end].fields[field].type == .string
            let value: Value = isText ? .text(random.pick(["a", "B", "x"])) : .integer(Int64(random.number(0..<5)))
            switch random.number(0..<5) {
            case 0: return .isNull(field: path, random.chance(50))
            case 1: return .isIn(field: path, (0..<random.pick([0, 1, 3, 9])).map { _ in value })
            case 2 where isText: return .text(field: path, random.pick([.contains, .startsWith]), random.pick(["a", "b"]), .insensitive)
            case 3 where !isText: return .compare(field: path, random.pick([.gt, .lte]), .field(FieldPath(entity == 0 ? 1 : 2)))
            default: return .compare(field: path, random.pick([.equals, .not, .gt, .gte, .lt, .lte]), .value(value))
            }
        }

        // MARK: The meaning of a filter

        func targets(_ step: RelationStep, from record: [Value], of entity: Int) -> [[Value]] {
            let relation = entities[entity].relations[step.relation]
            if let rule = step.guardRule, evaluate(rule, record, of: entity) != true { return [] }
            return records[relation.target].filter { target in
                zip(relation.fields, relation.targetFields).allSatisfy { !record[$0].isNull && record[$0] == target[$1] }
                    && (step.rule.map { evaluate($0, target, of: relation.target) == true } ?? true)
            }
        }

        func value(_ path: FieldPath, _ record: [Value], of entity: Int) -> Value {
            end(path.steps, record, of: entity)?.record[path.field] ?? .null
        }

        func end(_ steps: [RelationStep], _ record: [Value], of entity: Int) -> (record: [Value], entity: Int)? {
            var (record, entity) = (record, entity)
            for step in steps {
                guard let target = targets(step, from: record, of: entity).first else { return nil }
                record = target
                entity = entities[entity].relations[step.relation].target
            }
            return (record, entity)
        }

        func evaluate(_ filter: Filter, _ record: [Value], of entity: Int) -> Bool? {
            switch filter {
            case .all(let parts):
                let results = parts.map { evaluate($0, record, of: entity) }
                return results.contains(false) ? false : results.contains(nil) ? nil : true
            case .any(let parts):
                let results = parts.map { evaluate($0, record, of: entity) }
                return results.contains(true) ? true : results.contains(nil) ? nil : false
            case .not(let part): return evaluate(part, record, of: entity).map { !$0 }
            case .related(let steps, let quantifier, let inner):
                guard let last = steps.last else { return nil }
                var found: [Bool?] = []
                if let owner = end(steps.dropLast(), record, of: entity) {
                    let target = entities[owner.entity].relations[last.relation].target
                    found = targets(last, from: owner.record, of: owner.entity).map { evaluate(inner, $0, of: target) }
                }
                return switch quantifier {
                case .some: found.contains(true)
                case .every: found.allSatisfy { $0 == true }
                case .none: !found.contains(true)
                }
            case .compare(let path, let comparison, .field(let other)):
                let right = value(other, record, of: entity)
                return right.isNull ? nil : Filter.compare(field: 0, comparison, .value(right)).evaluate([value(path, record, of: entity)])
            case .compare(let path, let comparison, let operand):
                return Filter.compare(field: 0, comparison, operand).evaluate([value(path, record, of: entity)])
            case .isNull(let path, let flag): return value(path, record, of: entity).isNull == flag
            case .isIn(let path, let values): return Filter.isIn(field: 0, values).evaluate([value(path, record, of: entity)])
            case .text(let path, let match, let text, let mode):
                return Filter.text(field: 0, match, text, mode).evaluate([value(path, record, of: entity)])
            case .has(let path, let element): return Filter.has(field: 0, element).evaluate([value(path, record, of: entity)])
            }
        }
    }

    @Test(arguments: DatabaseKind.allCases, 0..<6)
    func `the records that a filter selects are those for which it is true`(kind: DatabaseKind, seed: Int) async throws {
        var world = World(seed: UInt64(seed) + 77)
        let sample = try await SampleDatabase(Self.schema.entities, on: kind)
        try await sample.database.transaction(.write) { [records = world.records] transaction in
            try await transaction.deferReferences()
            for (entity, rows) in records.enumerated() {
                let statements = RecordStatements(entity, in: Self.schema.entities, dialect: kind.dialect)
                let fields = Array(Self.schema.entities[entity].fields.indices)
                for row in rows { try await transaction.execute(Statement(statements.insertOnly(fields: fields), row)) }
            }
        }
        var known: [[UInt8]: String] = [:]
        var (asked, selected) = (0, 0)
        for round in 0..<150 {
            let grants = Self.schema.entities.indices.map { entity -> ReadAccess in
                let count = Self.schema.entities[entity].fields.count
                guard world.random.chance(60) else { return .everything(fieldCount: count) }
                // Of two roles one hides a field that relations are made of.
                let hidden: Set<Int> = world.random.chance(50) ? [entity == 0 ? 3 : 2] : []
                let first = ReadAccess.Grant(rule: world.filter(of: entity, depth: 1), hidden: hidden)
                return ReadAccess([first, .init(rule: world.filter(of: entity, depth: 1))], fieldCount: count)
            }
            let model = ReadableModel(entities: Self.schema.entities, access: grants)
            let asking = world.filter(of: 0, depth: round % 4)
            let sort =
                world.random.chance(50)
                ? [
                    SortKey(
                        FieldPath(1, through: world.way(from: 0, atMost: 2).end == 0 ? [RelationStep(0)] : []),
                        isDescending: world.random.chance(50))
                ] : []
            let request = ListRequest(filter: asking, sort: sort, projection: Projection(entity: 0, fields: [0]), limit: 1000)
            let plan = ListPlan(request, model: model, start: .first)
            let sql = plan.sql(kind.dialect)
            #expect(known.updateValue(sql, forKey: plan.shape.bytes) ?? sql == sql)
            let rows = try await sample.rows(plan).map { $0[0] }
            let expected = world.records[0].filter { world.evaluate(plan.filter, $0, of: 0) == true }.map { $0[0] }
            #expect(Set(rows) == Set(expected), "\(sql)")
            #expect(rows.count == expected.count)
            #expect(try await sample.count(plan) == [[.integer(Int64(expected.count))]])
            (asked, selected) = (asked + 14, selected + expected.count)
        }
        // Neither everything nor nothing, or the filters would say little.
        #expect(selected > asked / 10 && selected < asked * 9 / 10)
        await sample.close()
    }

    @Test(arguments: DatabaseKind.allCases)
    func `ways beyond the joined tables are looked up, with the same result`(kind: DatabaseKind) async throws {
        let entities = Self.schema.entities
        let sample = try await SampleDatabase(entities, on: kind)
        let statements = RecordStatements(0, in: entities, dialect: kind.dialect)
        for id in 0..<5 {
            let up: Value = id == 0 ? .null : .integer(Int64(id - 1))
            _ = try await sample.write([
                Statement(
                    statements.insert(fields: [0, 1, 2, 3, 4, 5], rules: []),
                    [.integer(Int64(id)), .integer(Int64(id)), .null, up, .null, .null])
            ])
        }
        // Each rule makes the way another one.
        let ways = (0..<30).map { RelationStep(0, rule: .compare(field: 1, .gte, .value(.integer(Int64(-$0))))) }
        let filter = Filter.all(ways.map { .compare(field: FieldPath(1, through: [$0]), .lt, .value(.integer(3))) })
        let request = ListRequest(filter: .all([]), projection: Projection(entity: 0, fields: [0]), limit: 100)
        let plan = ListPlan(request, model: ReadableModel(entities), rule: filter, start: .first)
        let sql = plan.sql(kind.dialect)
        #expect(sql.matches(of: #/LEFT JOIN/#).count == 24)
        #expect(sql.matches(of: #/\(SELECT /#).count == 6)
        #expect(try await sample.rows(plan).map { $0[0] } == [.integer(1), .integer(2), .integer(3)])
        await sample.close()
    }
}
