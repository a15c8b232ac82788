/// A way from the records of one entity to those of another, as it is named in filters, sorts and includes of the first.
///
/// Every ``Reference`` gives one to-one relation to its entity and, with `inverse:`, one to-many relation to its target.
package struct Relation: Sendable, Hashable {
    package var name: String
    /// The position of the entity at its end in ``Schema/entities``.
    package var target: Int
    /// Whether a record has any number of records at the end, or at most one.
    package var isToMany: Bool
    /// The fields on this side, by their index in the entity.
    package var fields: [Int]
    /// The fields at the end that have equal values, in the same order.
    package var targetFields: [Int]

    package init(name: String, target: Int, isToMany: Bool, fields: [Int], targetFields: [Int]) {
        self.name = name
        self.target = target
        self.isToMany = isToMany
        self.fields = fields
        self.targetFields = targetFields
    }

    /// The entities with ``Entity/relations`` made from their references, in the order of the file: to-one relations first.
    static func linked(_ entities: [Entity]) -> [Entity] {
        var positions: [String: Int] = [:]
        for (index, entity) in entities.enumerated() where positions[entity.name] == nil { positions[entity.name] = index }
        var linked = entities
        for index in linked.indices { linked[index].relations = [] }
        for (source, entity) in entities.enumerated() {
            for reference in entity.references {
                guard let target = positions[reference.target] else { continue }
                linked[source].relations.append(
                    Relation(
                        name: reference.name, target: target, isToMany: false, fields: reference.fields, targetFields: entities[target].key)
                )
            }
        }
        for (source, entity) in entities.enumerated() {
            for reference in entity.references {
                guard let target = positions[reference.target], let name = reference.inverse else { continue }
                linked[target].relations.append(
                    Relation(
                        name: name, target: source, isToMany: true, fields: entities[target].key, targetFields: reference.fields))
            }
        }
        return linked
    }
}
