import SeaworthyQuery
import SeaworthySchema
import SeaworthyStorage

/// Reads the rows of an aggregate as JSON objects one after another, from the driver's columns as they stand.
struct AggregateReader: RowReader {
    struct Page: Sendable {
        /// `{"data":[…`, still open.
        var bytes: [UInt8]
        var rows = 0
        var hasMore = false
    }

    fileprivate struct Member: Sendable {
        /// `"sum(Freight)":`
        var json: [UInt8]
        var name: String
        var type: FieldType
        var form: ColumnForm
        /// Computed from values, so that it may be beyond what its type holds.
        var isComputed: Bool
    }

    private let members: [Member]
    private let limit: Int
    private var page: Page

    init(_ plan: AggregatePlan) {
        func member(_ name: String, _ type: FieldType, isComputed: Bool) -> Member {
            var json: [UInt8] = []
            json.writeName(name)
            return Member(json: json, name: name, type: type, form: ColumnForm(type), isComputed: isComputed)
        }
        members =
            plan.groups.map { member($0.name, $0.type, isComputed: false) }
            + plan.measures.map { member($0.name, $0.type, isComputed: $0.function == .sum || $0.function == .avg) }
        limit = plan.limit
        page = Page(bytes: [UInt8](room: 4096))
        page.bytes.write("{\"data\":[")
    }

    mutating func read(_ row: any Row) throws {
        guard page.rows < limit else {
            page.hasMore = true
            return
        }
        if page.rows > 0 { page.bytes.append(UInt8(ascii: ",")) }
        for (index, member) in members.enumerated() {
            if member.isComputed, !member.holds(row, index) { throw Self.outOfRange(member.name) }
            page.bytes.append(index == 0 ? UInt8(ascii: "{") : UInt8(ascii: ","))
            page.bytes.append(contentsOf: member.json)
            page.bytes.write(row, index, member.form)
        }
        page.bytes.append(UInt8(ascii: "}"))
        page.rows += 1
    }

    consuming func finish() -> Page {
        page
    }

    /// - Parameter measure: the one that is meant; nil where the database does not say which.
    static func outOfRange(_ measure: String?) -> QueryProblems {
        QueryProblems([
            QueryProblem(
                .sumOutOfRange, parameter: "measures",
                "\(measure.map { "«\($0)»" } ?? "a sum") of some group is larger than its type holds; filter or group more finely")
        ])
    }
}

extension AggregateReader.Member {
    /// Whether the row's value is one that the member's JSON form keeps.
    fileprivate func holds(_ row: any Row, _ column: Int) -> Bool {
        switch type {
        case .integer: row.integer(column).magnitude <= FieldType.largestInteger.magnitude
        case .double: row.double(column).isFinite
        default: true
        }
    }
}
