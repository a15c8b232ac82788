import SeaworthySchema

/// One index that an entity needs, and its name, which is the database's: no two tables may use the same.
struct IndexDefinition: Sendable {
    let fields: [Int]
    let isUnique: Bool
    /// Only records that are not deleted are in it, so that a deleted one takes no value from them.
    let isOfLive: Bool
    private let table: String
    private let columns: [String]

    private init(_ entity: Entity, _ fields: [Int], isUnique: Bool) {
        self.fields = fields
        self.isUnique = isUnique
        table = entity.table
        columns = fields.map { entity.fields[$0].column }
        isOfLive = isUnique && entity.hasSoftDelete
    }

    /// Every index of the entity's table, unique ones first. A view has none.
    static func all(of entity: Entity) -> [IndexDefinition] {
        guard !entity.isReadOnly else { return [] }
        return entity.unique.map { IndexDefinition(entity, $0, isUnique: true) }
            + entity.indexes.map { IndexDefinition(entity, $0, isUnique: false) }
    }

    /// `table_column_column_idx`, or `…_key` for a unique one, `…_live_key` where deleted records stay. Where two indexes of the schema would have the same name, as those on
    /// `a_b` and on `a`, `b`, each has a hash of its columns behind it.
    func name(among all: [IndexDefinition]) -> String {
        let name = conventionalName
        let folded = name.lowercased()
        guard all.count(where: { $0.conventionalName.lowercased() == folded }) > 1 else { return name }
        return name + "_" + String(hash, radix: 16)
    }

    private var conventionalName: String {
        ([table] + columns + [isUnique ? (isOfLive ? "live_key" : "key") : "idx"]).joined(separator: "_")
    }

    /// FNV-1a of the table and columns, which is the same in every process (http://www.isthe.com/chongo/tech/comp/fnv/).
    private var hash: UInt32 {
        ([table] + columns).joined(separator: "\0").utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }
}
