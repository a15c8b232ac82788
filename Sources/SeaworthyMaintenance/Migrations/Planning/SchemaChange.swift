import SeaworthySchema

/// What became of each table and column between two schemas: which is which follows from `renamedFrom`, then from equal names, then from
/// equal names in the database. What has no partner was added or dropped.
struct SchemaChange {
    let old: Schema
    let new: Schema
    /// Tables that are in both, in the order of the new schema.
    private(set) var altered: [TableChange] = []
    private(set) var created: [Entity] = []
    private(set) var dropped: [Entity] = []

    init(from old: Schema, to new: Schema) {
        self.init(from: old, to: new, pairs: Self.pairs(old, new))
    }

    private init(from old: Schema, to new: Schema, pairs: [(old: Int, new: Int, fields: [(old: Int, new: Int)])]) {
        self.old = old
        self.new = new
        for pair in pairs.sorted(by: { $0.new < $1.new }) {
            altered.append(TableChange(old: old.entities[pair.old], new: new.entities[pair.new], fields: pair.fields))
        }
        let (olds, news) = (Set(pairs.map(\.old)), Set(pairs.map(\.new)))
        created = new.entities.indices.filter { !news.contains($0) && !new.entities[$0].isReadOnly }.map { new.entities[$0] }
        dropped = old.entities.indices.filter { !olds.contains($0) && !old.entities[$0].isReadOnly }.map { old.entities[$0] }
    }

    /// The change back, with the same partners.
    var reversed: SchemaChange {
        var change = SchemaChange(from: new, to: old, pairs: [])
        change.altered = altered.map { TableChange(old: $0.new, new: $0.old, fields: $0.fields.map { (old: $0.new, new: $0.old) }) }
        (change.created, change.dropped) = (dropped, created)
        return change
    }

    private static func pairs(_ old: Schema, _ new: Schema) -> [(old: Int, new: Int, fields: [(old: Int, new: Int)])] {
        let tests: [(Entity, Entity) -> Bool] = [
            { $1.renamedFrom.map($0.name.hasSameBytes) ?? false }, { $0.name.hasSameBytes(as: $1.name) },
            { $0.tableTitle.lowercased() == $1.tableTitle.lowercased() },
        ]
        // A view is no table of ours: it neither becomes one nor comes of one.
        return match(old.entities, new.entities, tests.map { test in { !$0.isReadOnly && !$1.isReadOnly && test($0, $1) } }).map { pair in
            let (before, after) = (old.entities[pair.old], new.entities[pair.new])
            let tests: [(Field, Field) -> Bool] = [
                { $1.renamedFrom.map($0.name.hasSameBytes) ?? false }, { $0.name.hasSameBytes(as: $1.name) },
                { $0.column.lowercased() == $1.column.lowercased() },
            ]
            return (pair.old, pair.new, match(before.fields, after.fields, tests))
        }
    }

    private static func match<Element>(
        _ old: [Element], _ new: [Element], _ tests: [(Element, Element) -> Bool]
    ) -> [(old: Int, new: Int)] {
        var pairs: [(old: Int, new: Int)] = []
        var (olds, news) = (Set(old.indices), Set(new.indices))
        for test in tests {
            for index in new.indices where news.contains(index) {
                guard let found = old.indices.first(where: { olds.contains($0) && test(old[$0], new[index]) }) else { continue }
                pairs.append((found, index))
                olds.remove(found)
                news.remove(index)
            }
        }
        return pairs.sorted { $0.new < $1.new }
    }

    /// Whether a reference of a table that is in both is still the same in the database; then its place among the new ones.
    func keptReference(_ reference: Reference, of table: TableChange) -> Int? {
        guard let target = altered.first(where: { $0.old.name.hasSameBytes(as: reference.target) }) else { return nil }
        guard target.isKeyKept, !target.old.key.contains(where: target.isConverted(old:)),
            !reference.fields.contains(where: table.isConverted(old:))
        else { return nil }
        let fields = reference.fields.map(table.newIndex(of:))
        return table.new.references.firstIndex { other in
            other.target.hasSameBytes(as: target.new.name) && other.fields.map(Optional.some) == fields
        }
    }
}

/// One table that is in both schemas.
struct TableChange {
    let old: Entity
    let new: Entity
    /// The fields that are in both, in the order of the new table.
    let fields: [(old: Int, new: Int)]

    func newIndex(of old: Int) -> Int? { fields.first { $0.old == old }?.new }
    func oldIndex(of new: Int) -> Int? { fields.first { $0.new == new }?.old }

    var added: [Int] { new.fields.indices.filter { oldIndex(of: $0) == nil } }
    var dropped: [Int] { old.fields.indices.filter { newIndex(of: $0) == nil } }

    /// Whether the stored values of an old field take another form.
    func isConverted(old index: Int) -> Bool {
        guard let other = newIndex(of: index) else { return false }
        return StorageForm(old.fields[index].type) != StorageForm(new.fields[other].type)
    }

    var isKeyKept: Bool { old.key.map(newIndex(of:)) == new.key.map(Optional.some) }

    /// Whether the database counts the values of the key, before and after.
    var isNumbered: (old: Bool, new: Bool) {
        (old.key.count == 1 && old.fields[old.key[0]].isNumbered, new.key.count == 1 && new.fields[new.key[0]].isNumbered)
    }

    var isTableRenamed: Bool { !old.table.hasSameBytes(as: new.table) }

    var renamedColumns: [(from: String, to: String)] {
        fields.map { (from: old.fields[$0.old].column, to: new.fields[$0.new].column) }.filter { !$0.from.hasSameBytes(as: $0.to) }
    }
}

/// One index as it is known by what it is over.
struct IndexShape: Equatable {
    /// Fields of the new table where it is compared; nil for one that is gone.
    let fields: [Int?]
    let isUnique: Bool
    let isOfLive: Bool

    /// In the order in which `TableDefinition` gives an entity's indexes.
    static func all(of entity: Entity, mapped: (Int) -> Int? = { $0 }) -> [IndexShape] {
        entity.unique.map { IndexShape(fields: $0.map(mapped), isUnique: true, isOfLive: entity.hasSoftDelete) }
            + entity.indexes.map { IndexShape(fields: $0.map(mapped), isUnique: false, isOfLive: false) }
    }
}

/// The order of renames in which no name is taken: by way of names that nobody has, where one becomes another's.
enum RenameOrder {
    static func steps(_ renames: [(from: String, to: String)]) -> [(from: String, to: String)] {
        let taken = Set(renames.map { $0.from.lowercased() })
        guard renames.contains(where: { taken.contains($0.to.lowercased()) }) else { return renames }
        let between = renames.indices.map { "seaworthy_rename_\($0 + 1)" }
        return zip(renames, between).map { (from: $0.from, to: $1) } + zip(renames, between).map { (from: $1, to: $0.to) }
    }
}
