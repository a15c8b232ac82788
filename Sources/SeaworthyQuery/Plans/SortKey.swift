package import SeaworthySchema

/// A field to sort by: the record's own, or one that to-one relations lead to.
package struct SortKey: Sendable, Hashable {
    package var path: FieldPath
    package var isDescending: Bool

    package init(_ path: FieldPath, isDescending: Bool) {
        self.path = path
        self.isDescending = isDescending
    }

    /// The order completed by the key, so that no two records are equal in it. What follows a complete key decides nothing and is left out.
    package static func total(_ sort: [SortKey], over key: [Int]) -> [SortKey] {
        var result: [SortKey] = []
        for item in sort {
            result.append(item)
            if key.allSatisfy({ part in result.contains { $0.path == FieldPath(part) } }) { return result }
        }
        let missing = key.filter { part in !result.contains { $0.path == FieldPath(part) } }
        return result + missing.map { SortKey(FieldPath($0), isDescending: false) }
    }

    /// The same with access applied to the records on the way.
    func bound(_ model: ReadableModel, from entity: Int) -> SortKey {
        SortKey(model.path(path, from: entity), isDescending: isDescending)
    }

    /// Whether the field may be null. What relations lead to may be, since they may lead nowhere.
    func isNullable(in entity: Entity) -> Bool {
        !path.isOwn || entity.isNullable(path.field)
    }

    /// The key's part of ORDER BY. Null sorts as the largest value, whatever the database's own habit.
    func sql(column: String, in entity: Entity) -> String {
        let direction = isDescending ? " DESC" : ""
        guard isNullable(in: entity) else { return column + direction }
        return column + direction + (isDescending ? " NULLS FIRST" : " NULLS LAST")
    }
}
