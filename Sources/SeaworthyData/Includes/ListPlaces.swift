import SeaworthyQuery
import SeaworthySchema
import SeaworthyStorage

/// Where in written records lists belong that other statements give, and the keys of their parents.
struct ListPlaces: Sendable {
    /// One list of one record.
    struct Place: Sendable {
        /// How many bytes stand before it.
        let offset: Int
        let plan: Int
        /// The parent's place among ``Parents/keys``.
        let parent: Int
    }

    /// The parents of one plan's lists, each once.
    struct Parents: Sendable {
        private var positions: [[Value]: Int] = [:]
        private(set) var json: [UInt8] = [UInt8(ascii: "[")]

        var count: Int { positions.count }

        mutating func position(of key: [Value]) -> Int {
            if let known = positions[key] { return known }
            let position = positions.count
            positions[key] = position
            if position > 0 { json.append(UInt8(ascii: ",")) }
            if key.count > 1 { json.append(UInt8(ascii: "[")) }
            for (index, part) in key.enumerated() {
                if index > 0 { json.append(UInt8(ascii: ",")) }
                switch part {
                case .integer(let number): json.write(integer: number)
                case .text(let text): json.writeQuoted(text)
                // No key is of another kind.
                default: json.write("null")
                }
            }
            if key.count > 1 { json.append(UInt8(ascii: "]")) }
            return position
        }

        /// The keys as a JSON array.
        var array: String { String(decoding: json + [UInt8(ascii: "]")], as: UTF8.self) }
    }

    private(set) var places: [Place] = []
    /// By the index of the plan.
    private(set) var parents: [Parents]

    init(plans: Int) {
        parents = Array(repeating: Parents(), count: plans)
    }

    mutating func keep(at offset: Int, plan: Int, key columns: [Int], _ row: any Row) {
        let key = columns.map(row.value)
        guard !key.contains(where: \.isNull) else { return }
        places.append(Place(offset: offset, plan: plan, parent: parents[plan].position(of: key)))
    }
}
