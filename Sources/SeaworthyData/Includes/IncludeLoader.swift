import NIOCore
import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// Reads the lists that belong to records, a statement for each relation however many records there are.
struct IncludeLoader {
    /// The most records that all lists of one answer have together.
    static let maximumRecords = 20_000

    private let entities: [Entity]
    private let dialect: any Dialect
    private let cache: StatementCache
    private let transaction: any DatabaseTransaction
    private var remaining = maximumRecords
    /// The paths of lists of which not every record is sent.
    private(set) var truncated: [String] = []

    init(_ entities: [Entity], dialect: any Dialect, cache: StatementCache, transaction: any DatabaseTransaction) {
        self.entities = entities
        self.dialect = dialect
        self.cache = cache
        self.transaction = transaction
    }

    /// Puts the lists of the layout into the records.
    mutating func load(_ layout: RecordLayout, into records: inout WrittenRecords) async throws {
        for (index, plan) in layout.children.enumerated() {
            let parents = records.places.parents[index]
            guard parents.count > 0 else {
                records.lists.append(
                    WrittenLists(
                        records: WrittenRecords(bytes: [], places: ListPlaces(plans: 0)), ranges: [], isTruncated: false, count: 0))
                continue
            }
            let shape = plan.shape(parents: parents.array, most: remaining + 1)
            let statement = cache.statement(entity: "", shape) { plan.sql(dialect) }
            var lists = try await transaction.query(statement, into: ListsReader(plan, parents: parents.count, entities))
            remaining -= lists.count
            guard remaining >= 0 else {
                throw QueryProblems([
                    QueryProblem(
                        .includeTooLarge, parameter: "include",
                        "would include more than \(Self.maximumRecords) records; ask for fewer records or a smaller limit of «\(plan.path)»"
                    )
                ])
            }
            if lists.isTruncated { truncated.append(plan.path) }
            try await load(plan.layout, into: &lists.records)
            lists.measure()
            records.lists.append(lists)
        }
        // A list stands in every record that has it, so the answer may be far larger than what was read.
        try RecordCollection.requireRoom(records.size(of: 0..<records.bytes.count))
    }
}
