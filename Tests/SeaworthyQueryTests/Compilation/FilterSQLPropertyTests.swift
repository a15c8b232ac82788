import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Testing

@Suite struct FilterSQLPropertyTests {
    static let entity = RandomRecords.entity

    @Test(arguments: DatabaseKind.allCases, [1, 2, 3] as [UInt64])
    func `the compiled SQL selects exactly the rows of which the filter is true`(kind: DatabaseKind, seed: UInt64) async throws {
        var random = RandomRecords(seed: seed)
        let records = (0..<60).map { random.record($0) }
        let sample = try await SampleDatabase([Self.entity], on: kind)
        try await sample.insert(records, into: Self.entity)
        var selected = 0
        for _ in 0..<200 {
            let filter = random.filter(depth: 3)
            let plan = try ListRequest.of(Self.entity, filter: filter, select: [0]).plan(Self.entity)
            let expected = records.filter { filter.evaluate($0) == true }.map { [$0[0]] }
            let rows = try await sample.rows(plan)
            guard rows == expected else {
                Issue.record("\(filter): \(plan.sql(kind.dialect)) gave \(rows), not \(expected)")
                break
            }
            let count = try await sample.count(plan)
            #expect(count == [[.integer(Int64(expected.count))]])
            selected += rows.count
        }
        // Filters that match all or nothing would prove little.
        #expect((1_000..<11_000).contains(selected))
        await sample.close()
    }

    @Test(arguments: DatabaseKind.allCases)
    func `a rule's value is 1, 0 or null as the filter is true, false or unknown`(kind: DatabaseKind) async throws {
        var random = RandomRecords(seed: 4)
        let sample = try await SampleDatabase([Self.entity], on: kind)
        let records = (0..<20).map { random.record($0) }
        try await sample.insert(records, into: Self.entity)
        let statements = RecordStatements(Self.entity, dialect: kind.dialect)
        for _ in 0..<60 {
            let rules = [random.filter(depth: 2), random.filter(depth: 2)]
            let sql = statements.readForChange(rules: rules)
            let record = random.random.pick(records)
            let rows = try await sample.rows(Statement(sql, RecordStatements.ruleParameters(rules) + [record[0]]))
            let verdicts = rules.map { rule in rule.evaluate(record).map { Value.integer($0 ? 1 : 0) } ?? .null }
            #expect(rows == [record + verdicts], "\(rules)")
        }
        await sample.close()
    }

    @Test(arguments: DatabaseKind.allCases)
    func `a long list, which is one parameter, has the values of every type`(kind: DatabaseKind) async throws {
        var random = RandomRecords(seed: 6)
        let records = (0..<60).map { random.record($0) }
        let sample = try await SampleDatabase([Self.entity], on: kind)
        try await sample.insert(records, into: Self.entity)
        for field in Self.entity.fields.indices {
            var values: [Value] = []
            for record in records where !record[field].isNull && !values.contains(record[field]) { values.append(record[field]) }
            if case .bytes? = values.first { continue }
            // Beyond what goes over as parameters of their own, whatever the type has.
            let some = Array(values.prefix(max(values.count / 2, 1)))
            let list = (0..<12).map { some[$0 % some.count] } + some
            for filter in [Filter.isIn(field: FieldPath(field), list), .not(.isIn(field: FieldPath(field), list))] {
                let plan = try ListRequest.of(Self.entity, filter: filter, select: [0]).plan(Self.entity)
                let expected = records.filter { filter.evaluate($0) == true }.map { [$0[0]] }
                #expect(try await sample.rows(plan) == expected, "\(Self.entity.fields[field].name)")
            }
        }
        await sample.close()
    }

    @Test(arguments: DatabaseKind.allCases)
    func `access and filter hold together`(kind: DatabaseKind) async throws {
        var random = RandomRecords(seed: 5)
        let records = (0..<60).map { random.record($0) }
        let sample = try await SampleDatabase([Self.entity], on: kind)
        try await sample.insert(records, into: Self.entity)
        for _ in 0..<50 {
            let (access, filter) = (random.filter(depth: 2), random.filter(depth: 2))
            let plan = try ListRequest.of(Self.entity, filter: filter, select: [0]).plan(Self.entity, access: access)
            let expected = records.filter { access.evaluate($0) == true && filter.evaluate($0) == true }.map { [$0[0]] }
            #expect(try await sample.rows(plan) == expected)
        }
        await sample.close()
    }
}
