import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import Testing

@Suite struct FilterSQLPropertyTests {
    static let entity = RandomRecords.entity

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `the compiled SQL selects exactly the rows of which the filter is true`(seed: UInt64) async throws {
        var random = RandomRecords(seed: seed)
        let records = (0..<60).map { random.record($0) }
        let sample = try await SampleDatabase([Self.entity])
        try await sample.insert(records, into: Self.entity)
        var selected = 0
        for _ in 0..<200 {
            let filter = random.filter(depth: 3)
            let plan = try ListRequest.of(Self.entity, filter: filter, select: [0]).plan(Self.entity)
            let expected = records.filter { filter.evaluate($0) == true }.map { [$0[0]] }
            let rows = try await sample.rows(plan)
            guard rows == expected else {
                Issue.record("\(filter): \(plan.sql(SQLiteDialect())) gave \(rows), not \(expected)")
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

    @Test func `a rule's value is 1, 0 or null as the filter is true, false or unknown`() async throws {
        var random = RandomRecords(seed: 4)
        let sample = try await SampleDatabase([Self.entity])
        let records = (0..<20).map { random.record($0) }
        try await sample.insert(records, into: Self.entity)
        let statements = RecordStatements(Self.entity, dialect: SQLiteDialect())
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

    @Test func `access and filter hold together`() async throws {
        var random = RandomRecords(seed: 5)
        let records = (0..<60).map { random.record($0) }
        let sample = try await SampleDatabase([Self.entity])
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
