import SeaworthySchema

/// Which columns of a view could identify its rows, the likeliest first.
enum ViewKeys {
    /// Each of them asks the whole view once.
    private static let most = 6

    static func candidates(of draft: EntityDraft) -> [[String]] {
        let columns = draft.entity.fields.filter { $0.type.canBeKey }.map(\.column)
        let unique = draft.table.allIndexes.filter(\.isUnique).compactMap(\.plainColumns)
        let own = PulledNames.singular(draft.table.name.table.lowercased())
        let named = columns.filter { ["id", own + "_id", own + "id"].contains($0.lowercased()) }
        let others = columns.filter { $0.hasSuffix("ID") || $0.hasSuffix("Id") || $0.lowercased().hasSuffix("_id") }
        let rest = columns.first.map { [$0] } ?? []
        let pairs = others.count == 2 ? [others] : []
        var candidates: [[String]] = []
        for columns in unique + (named + others).map({ [$0] }) + pairs + [rest] where !columns.isEmpty && !candidates.contains(columns) {
            candidates.append(columns)
        }
        return Array(candidates.prefix(most))
    }
}
